"""Calls openai-python for a test."""

import openai
from calls import answer_calls, as_json, read_chunks


def read(result, answer, close_after):
    if isinstance(result, openai.Stream):
        read_chunks(result, answer, close_after)
    elif hasattr(result, "__enter__"):
        with result as stream:
            answer["chunks"] = [event.type for event in stream]
            answer["result"] = as_json(stream.get_final_response())
    else:
        answer["result"] = as_json(result)


answer_calls(openai.OpenAI, read, ("code", "type", "param", "request_id"))
