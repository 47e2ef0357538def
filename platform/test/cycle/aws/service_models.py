"""botocore's service models: which operation a request is, what it says, and whether it keeps to the model's rules."""

import json
import re
from urllib.parse import parse_qsl

from botocore.loaders import Loader
from moto.core.model import ServiceModel
from moto.core.parse import PROTOCOL_PARSERS
from werkzeug.datastructures import MultiDict

# Name in a signature → botocore's, where they differ.
SIGNED_AS = {
    "apigateway": "apigatewayv2",
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
}
# Java's classes of characters, which models use, as Python has them.
CLASSES = {
    r"\p{L}\p{Z}\p{N}": "A-Za-z0-9 ",
    r"\p{L}\p{N}": "A-Za-z0-9",
    r"\p{Graph}": r"\x21-\x7e",
    r"\p{Print}": r"\x20-\x7e",
    r"\p{IsCntrl}": r"\x00-\x1f",
    r"\p{ASCII}": r"\x00-\x7f",
    r"\p{IsASCII}": r"\x00-\x7f",
}

_loader = Loader()
_models = {}
_routes = {}


def model_of(service):
    if service not in _models:
        _models[service] = ServiceModel(_loader.load_service_model(service, "service-2"), service)
    return _models[service]


def _routes_of(service):
    """Operations of a REST service, those that ask for more of the query and have fewer variables first."""
    if service not in _routes:
        found = []
        for name in model_of(service).operation_names:
            operation = model_of(service).operation_model(name)
            # Has the address of the one that came after it.
            if operation.deprecated:
                continue
            http = operation.http
            path, _, query = http["requestUri"].partition("?")
            parts = re.split(r"(\{[^}]+\})", path.rstrip("/") or "/")
            pattern = re.compile("^" + "".join(map(_part, parts)) + "/?$")
            wanted = [one for one in query.split("&") if one]
            found.append((-len(wanted), path.count("{"), http["method"], pattern, wanted, name))
        _routes[service] = sorted(found, key=lambda one: one[:2])
    return _routes[service]


def _part(text):
    if not text.startswith("{"):
        return re.escape(text)
    key = text[1:-1]
    return f"(?P<{_variable(key.rstrip('+'))}>{'.+' if key.endswith('+') else '[^/]+'})"


def _variable(key):
    return re.sub(r"\W", "_", key)


def _asks(request, one):
    key, has_value, value = one.partition("=")
    return key in request.args and (not has_value or request.args[key] == value)


def operation_of(service, request, body):
    """Name of the operation and the variables of its path."""
    target = request.headers.get("X-Amz-Target")
    if target:
        return target.split(".")[-1], {}
    if request.mimetype == "application/x-www-form-urlencoded":
        return _form(body).get("Action"), {}
    path = request.environ.get("RAW_URI", request.path).split("?")[0]
    for _, _, method, pattern, wanted, name in _routes_of(service):
        match = pattern.match(path) if method == request.method else None
        if match and all(_asks(request, one) for one in wanted):
            return name, match.groupdict()
    return None, {}


def _form(body):
    return MultiDict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def read(operation, request, body, in_path):
    """What the request says, with the model's names, and what the model forbids in it."""
    protocol = operation.service_model.protocol
    if request.headers.get("X-Amz-Target"):
        protocol = "json"
    elif request.mimetype == "application/x-www-form-urlencoded" and protocol != "ec2":
        protocol = "query"
    shape = operation.input_shape
    variables = {}
    for member in shape.members.values() if shape is not None else []:
        if member.serialization.get("location") == "uri":
            key = member.serialization["name"]
            variables[key] = in_path.get(_variable(key))
    params = PROTOCOL_PARSERS[protocol](operation).parse(
        {
            "body": body,
            "headers": request.headers,
            "method": request.method,
            "url_params": variables,
            "url_path": request.path,
            "values": _form(body) if protocol in ("query", "ec2") else request.args,
        }
    )
    problems = []
    if shape is not None:
        judge(shape, params, operation.name, problems)
        if protocol in ("json", "rest-json") and body and "payload" not in shape.serialization:
            _unknown_members(shape, json.loads(body), operation.name, problems)
    return params, problems


def judge(shape, value, path, problems):
    """Adds a line for everything in `value` that the model does not allow."""
    kind, rules = shape.type_name, shape.metadata
    if kind == "structure" and isinstance(value, dict):
        problems += [f"{path}: required {name} is missing" for name in rules.get("required", []) if name not in value]
        for name in value.keys() & shape.members.keys():
            judge(shape.members[name], value[name], f"{path}.{name}", problems)
    elif kind == "list":
        _sizes(rules, len(value), "items", path, problems)
        for index, inner in enumerate(value):
            judge(shape.member, inner, f"{path}[{index}]", problems)
    elif kind == "map":
        _sizes(rules, len(value), "entries", path, problems)
        for key, inner in value.items():
            judge(shape.key, key, f"{path}<{key}>", problems)
            judge(shape.value, inner, f"{path}.{key}", problems)
    elif kind in ("string", "character"):
        _judge_text(shape, str(value), path, problems)
    elif kind in ("integer", "long", "double", "float"):
        _sizes(rules, value, "", path, problems)


def _judge_text(shape, text, path, problems):
    _sizes(shape.metadata, len(text), "characters", path, problems)
    if shape.enum and text not in shape.enum:
        problems.append(f"{path}: {text[:60]!r} is not one of {shape.enum[:12]}")
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return
    for java, python in CLASSES.items():
        pattern = pattern.replace(java, python)
    try:
        fits = re.compile(pattern, re.DOTALL).fullmatch(text)
    except re.error:
        return
    if not fits:
        problems.append(f"{path}: {text[:80]!r} does not match {pattern[:120]}")


def _sizes(rules, size, unit, path, problems):
    if "min" in rules and size < rules["min"]:
        problems.append(f"{path}: {size} {unit}, at least {rules['min']}")
    if "max" in rules and size > rules["max"]:
        problems.append(f"{path}: {size} {unit}, at most {rules['max']}")


def _unknown_members(shape, value, path, problems):
    """Members of a JSON body that the model does not have: AWS drops or refuses them."""
    if shape.type_name == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        known = {inner.serialization.get("name", name): inner for name, inner in shape.members.items()}
        for key, inner in value.items():
            if key in known:
                _unknown_members(known[key], inner, f"{path}.{key}", problems)
            else:
                problems.append(f"{path}.{key}: the model has no such member")
    elif shape.type_name == "list" and isinstance(value, list):
        for index, inner in enumerate(value):
            _unknown_members(shape.member, inner, f"{path}[{index}]", problems)
