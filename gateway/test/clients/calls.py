"""Calls a client for a test: one request a line in, what came of it a line out, both JSON."""

import functools
import json
import sys
import time


def as_json(model):
    return model.model_dump(mode="json", exclude_unset=True)


def read_chunks(stream, answer, close_after, plain=as_json):
    answer["chunks"] = []
    for chunk in stream:
        answer["chunks"].append(plain(chunk))
        if len(answer["chunks"]) == close_after:
            stream.close()
            return


def described(error, names):
    # Some errors hold the status themselves, others the response.
    holder = error if hasattr(error, "status_code") else getattr(error, "response", None)
    return {
        "class": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "message": str(error),
        "status": getattr(holder, "status_code", None),
        **{name: getattr(error, name, None) for name in names},
    }


def answer_calls(make_client, read, names=()):
    """`read(result, answer, close_after)` writes into answer; `names`: fields of its errors."""
    for line in sys.stdin:
        ask = json.loads(line)
        answer = {}
        started = time.monotonic()
        try:
            # Named: a client that nobody holds closes its streams.
            client = make_client(**ask["client"])
            method = functools.reduce(getattr, ask["call"].split("."), client)
            read(method(**ask["arguments"]), answer, ask.get("closeAfter"))
        except Exception as error:
            answer["error"] = described(error, names)
        answer["seconds"] = time.monotonic() - started
        print(json.dumps(answer), flush=True)
