"""Calls openai-python for a test: one request a line in, what came of it a line out, both JSON."""

import functools
import json
import sys
import time

import openai


def read(result, answer, close_after):
    if not isinstance(result, openai.Stream) and hasattr(result, "__enter__"):
        with result as stream:
            answer["chunks"] = [event.type for event in stream]
            answer["result"] = stream.get_final_response().model_dump(mode="json", exclude_unset=True)
        return
    if not isinstance(result, openai.Stream):
        answer["result"] = result.model_dump(mode="json", exclude_unset=True)
        return
    answer["chunks"] = []
    for chunk in result:
        answer["chunks"].append(chunk.model_dump(mode="json", exclude_unset=True))
        if len(answer["chunks"]) == close_after:
            result.close()
            return


def described(error):
    names = ("code", "type", "param", "request_id")
    return {
        "class": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "message": str(error),
        "status": getattr(error, "status_code", None),
        **{name: getattr(error, name, None) for name in names},
    }


for line in sys.stdin:
    ask = json.loads(line)
    answer = {}
    started = time.monotonic()
    try:
        client = openai.OpenAI(**ask["client"])
        method = functools.reduce(getattr, ask["call"].split("."), client)
        read(method(**ask["arguments"]), answer, ask.get("closeAfter"))
    except Exception as error:
        answer["error"] = described(error)
    answer["seconds"] = time.monotonic() - started
    print(json.dumps(answer), flush=True)
