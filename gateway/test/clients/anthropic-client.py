"""Calls anthropic-python for a test: one request a line in, what came of it a line out, both JSON."""

import functools
import json
import sys
import time

import anthropic


def read(result, answer, close_after):
    if isinstance(result, anthropic.Stream):
        answer["chunks"] = []
        for event in result:
            answer["chunks"].append(event.model_dump(mode="json", exclude_unset=True))
            if len(answer["chunks"]) == close_after:
                result.close()
                return
    elif hasattr(result, "__enter__"):
        with result as stream:
            answer["chunks"] = list(stream.text_stream)
            answer["result"] = stream.get_final_message().model_dump(mode="json", exclude_unset=True)
    else:
        answer["result"] = result.model_dump(mode="json", exclude_unset=True)
        answer["result"]["_request_id"] = getattr(result, "_request_id", None)


def described(error):
    return {
        "class": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "message": str(error),
        "status": getattr(error, "status_code", None),
        "request_id": getattr(error, "request_id", None),
    }


for line in sys.stdin:
    ask = json.loads(line)
    answer = {}
    started = time.monotonic()
    try:
        client = anthropic.Anthropic(**ask["client"])
        method = functools.reduce(getattr, ask["call"].split("."), client)
        read(method(**ask["arguments"]), answer, ask.get("closeAfter"))
    except Exception as error:
        answer["error"] = described(error)
    answer["seconds"] = time.monotonic() - started
    print(json.dumps(answer), flush=True)
