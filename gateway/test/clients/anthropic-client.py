"""Calls anthropic-python for a test."""

import anthropic
from calls import answer_calls, as_json, read_chunks


def read(result, answer, close_after):
    if isinstance(result, anthropic.Stream):
        read_chunks(result, answer, close_after)
    elif hasattr(result, "__enter__"):
        with result as stream:
            answer["chunks"] = list(stream.text_stream)
            answer["result"] = as_json(stream.get_final_message())
    else:
        answer["result"] = as_json(result)
        answer["result"]["_request_id"] = getattr(result, "_request_id", None)


answer_calls(anthropic.Anthropic, read, ("request_id",))
