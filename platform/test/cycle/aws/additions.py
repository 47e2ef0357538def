"""What moto lacks: a store, and functions that answer an operation in moto's place or correct moto's answer."""

import os
import uuid
from datetime import datetime, timezone

# moto reads the same variable.
account = os.environ["MOTO_ACCOUNT_ID"]

# (service, operation) → function(params, call) that answers it, with botocore's names.
answered = {}
# (service, operation) → function(params, text of moto's answer) that gives the text to send.
corrected = {}
# (service, operation) → function(params, call) that refuses what AWS refuses and moto does not.
guarded = {}

# Kind → key → item. Kinds are named as AWS names what is made.
_store = {}


class Refused(Exception):
    """An error of AWS."""

    def __init__(self, code, message, status=400):
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def _register(table, service, names):
    def mark(function):
        table.update({(service, name): function for name in names})
        return function

    return mark


def answers(service, *names):
    return _register(answered, service, names)


def corrects(service, *names):
    return _register(corrected, service, names)


def guards(service, *names):
    return _register(guarded, service, names)


def kept(kind):
    return _store.setdefault(kind, {})


def stored():
    """Names of everything in the store, for the list of what is left."""
    return [f"{kind} {key}" for kind, items in _store.items() for key in items]


def found(kind, key, code):
    if key not in kept(kind):
        raise Refused(code, f"{kind} {key} does not exist", 404)
    return kept(kind)[key]


def now():
    return datetime.now(timezone.utc)


def digits(count=32):
    return uuid.uuid4().hex[:count]
