"""Calls huggingface_hub's InferenceClient for a test."""

import dataclasses
import inspect

import numpy
from calls import answer_calls, read_chunks
from huggingface_hub import InferenceClient


def plain(value):
    if isinstance(value, numpy.ndarray):
        return {"dtype": str(value.dtype), "rows": value.tolist()}
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)
    return [plain(one) for one in value] if isinstance(value, list) else value


def read(result, answer, close_after):
    if inspect.isgenerator(result):
        read_chunks(result, answer, close_after, plain)
    else:
        answer["result"] = plain(result)


answer_calls(InferenceClient, read)
