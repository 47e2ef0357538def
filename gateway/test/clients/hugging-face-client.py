"""Calls huggingface_hub's InferenceClient for a test: one request a line in, what came of it a line out, both JSON."""

import dataclasses
import inspect
import json
import sys

import numpy
from huggingface_hub import InferenceClient


def plain(value):
    if isinstance(value, numpy.ndarray):
        return {"dtype": str(value.dtype), "rows": value.tolist()}
    if dataclasses.is_dataclass(value):
        return dataclasses.asdict(value)
    return [plain(one) for one in value] if isinstance(value, list) else value


def described(error):
    response = getattr(error, "response", None)
    return {
        "class": type(error).__name__,
        "bases": [base.__name__ for base in type(error).__mro__],
        "message": str(error),
        "status": getattr(response, "status_code", None),
    }


for line in sys.stdin:
    ask = json.loads(line)
    answer = {}
    try:
        # Named: a client that nobody holds closes its streams.
        client = InferenceClient(**ask["client"])
        result = getattr(client, ask["call"])(**ask["arguments"])
        if inspect.isgenerator(result):
            answer["chunks"] = []
            for chunk in result:
                answer["chunks"].append(plain(chunk))
                if len(answer["chunks"]) == ask.get("closeAfter"):
                    result.close()
        else:
            answer["result"] = plain(result)
    except Exception as error:
        answer["error"] = described(error)
    print(json.dumps(answer), flush=True)
