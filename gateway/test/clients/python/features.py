"""What the scripts of the table share: the gateway's address, the cases by feature, and what came of each as one line of JSON."""

import asyncio
import inspect
import json
import os
import sys

URL = os.environ["SLIPWAY_URL"]
KEY = os.environ["SLIPWAY_KEY"]
HELLO = [{"role": "user", "content": "Hello"}]
GREETING = "Hello there."

_cases = {}
_words = {}


def feature(name, write=None):
    """Marks the case of a feature, which raises when it does not work; `write`: what a program must say for it."""

    def mark(case):
        _cases[name] = case
        _words[name] = write
        return case

    return mark


def same(found, wanted):
    assert found == wanted, f"{found!r} is not {wanted!r}"


def raised(error, work):
    """The exception of this class that the work ends with."""
    try:
        work()
    except error as one:
        return one
    raise AssertionError(f"no {error.__name__} was raised")


async def _run(case):
    result = case()
    if inspect.isawaitable(result):
        await result


async def _outcome():
    outcome = {}
    for name, case in _cases.items():
        try:
            await _run(case)
            outcome[name] = {"write": _words[name]}
        except Exception as error:
            outcome[name] = {"error": f"{type(error).__name__}: {error}"[:500]}
    return outcome


def run():
    # One loop for all: asynchronous clients keep their connections in it.
    print(json.dumps(asyncio.run(_outcome())))
    sys.stdout.flush()
    # A client that calls home in a thread of its own does not hold up the end.
    os._exit(0)
