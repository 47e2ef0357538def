"""Records what one version of vLLM accepts and shows, out of that very version: flags, formats, architectures, variables, metrics.

python3 record-vllm.py [FOLDER] writes FOLDER/vllm-VERSION.json, or prints it. Any Python that can import vLLM does, without a
GPU; in the image: docker run --rm -i --entrypoint python3 vllm/vllm-openai:vVERSION - < record-vllm.py
"""

import argparse
import dataclasses
import inspect
import json
import pathlib
import sys
from unittest.mock import MagicMock

from vllm import config, envs
from vllm.engine.arg_utils import EngineArgs
from vllm.entrypoints.cli.serve import ServeSubcommand
from vllm.model_executor import model_loader
from vllm.model_executor.layers import quantization
from vllm.model_executor.models import registry
from vllm.reasoning import ReasoningParserManager
from vllm.tool_parsers import ToolParserManager
from vllm.utils.argparse_utils import FlexibleArgumentParser
from vllm.v1.attention.backends.registry import AttentionBackendEnum
from vllm.v1.metrics import loggers
from vllm.version import __version__

# What vLLM takes as text and looks up later: a wrong name would fail at the start, not in its parser.
NAMES = {
    "--attention-backend": list(AttentionBackendEnum.__members__),
    "--load-format": list(model_loader._LOAD_FORMAT_TO_MODEL_LOADER),
    "--reasoning-parser": ReasoningParserManager.list_registered(),
    "--tool-call-parser": ToolParserManager.list_registered(),
}
KINDS = {
    "int": "integer",
    "float": "number",
    "human_readable_int": "size",
    "human_readable_int_or_auto": "size",
    "loads": "json",
    "parse_dataclass": "json",
}
# Enough of a quantization_config for the overrides of all methods to read.
CHECKPOINT = {"bits": 4, "group_size": 128, "sym": True, "desc_act": False, "zero_point": True, "version": "gemm"}


def kind_of(action: argparse.Action) -> str | list[str]:
    if action.nargs == 0:
        return "switch"
    if action.nargs == "?":
        return "optional"
    if action.nargs in ("+", "*"):
        return "list"
    choices = [str(choice) for choice in action.choices or () if choice is not None]
    return choices or KINDS.get(type_name(action.type), "value")


def type_name(reader: object) -> str:
    """optional_type(int) and parse_type(json.loads) of vllm/engine/arg_utils.py are closures around what they read."""
    inner = [cell.cell_contents for cell in getattr(reader, "__closure__", None) or () if callable(cell.cell_contents)]
    name = getattr(reader, "__name__", "")
    return type_name(inner[0]) if name in ("_optional_type", "_parse_type") and inner else name


def read_flags() -> dict[str, str | list[str]]:
    commands = FlexibleArgumentParser(prog="vllm").add_subparsers(dest="subparser")
    parser = ServeSubcommand().subparser_init(commands)
    # Not parser._actions: from 0.33 on those do not show the older forms that the parser still takes.
    found = {flag: kind_of(action) for flag, action in parser._option_string_actions.items()}
    found |= {flag: sorted(names) for flag, names in NAMES.items() if flag in found}
    return {flag: found[flag] for flag in sorted(found) if flag.startswith("--") and flag != "--help"}


def read_bounds() -> dict[str, dict[str, float]]:
    """Least and most values that the fields behind the flags take; the parser does not know them."""
    flags = {field.name for field in dataclasses.fields(EngineArgs)}
    # The draft model's own settings have the same names.
    classes = [one for one in vars(config).values() if inspect.isclass(one) and one is not config.SpeculativeConfig]
    fields = [item for one in classes for item in getattr(one, "__pydantic_fields__", {}).items()]
    found = {}
    for name, field in fields:
        limits = {key: getattr(rule, key) for rule in field.metadata for key in ("ge", "gt", "le", "lt") if hasattr(rule, key)}
        if name in flags and not name.startswith("_") and limits:
            found["--" + name.replace("_", "-")] = limits
    return dict(sorted(found.items()))


def method_for(word: str) -> str | None:
    """The method that loads a checkpoint of that word: _verify_quantization of vllm/config/model.py, without a model."""
    for name in quantization.QUANTIZATION_METHODS:
        config = quantization.get_quantization_config(name)
        try:
            taken = config.override_quantization_method({"quant_method": word, **CHECKPOINT}, None, hf_config=None)
        except Exception:
            continue
        if taken is not None:
            return taken
    return word if word in quantization.QUANTIZATION_METHODS else None


def read_quantization() -> dict[str, float]:
    """Word in a checkpoint or of --quantization → least compute capability."""
    from transformers.utils.quantization_config import QuantizationMethod

    words = {str(method.value) for method in QuantizationMethod} | set(quantization.QUANTIZATION_METHODS)
    methods = {word: method_for(word) for word in words - set(quantization.DEPRECATED_QUANTIZATION_METHODS)}
    return {
        word: quantization.get_quantization_config(method).get_min_capability() / 10
        for word, method in sorted(methods.items())
        if method is not None
    }


def read_metrics() -> dict[str, dict[str, list]]:
    """What PrometheusStatLogger makes, as its page shows it; of buckets those in seconds, for others depend on the model."""
    found = {}

    def made(suffix: str) -> type:
        class Made:
            def __init__(self, name: str, documentation: str = "", labelnames=(), buckets=(), **_: object):
                bounds = {"buckets": [str(float(one)) for one in buckets]} if name.endswith("_seconds") and buckets else {}
                found[name + suffix] = {"labels": sorted(labelnames), **bounds}

            def labels(self, *_: object, **__: object) -> MagicMock:
                return MagicMock()

        return Made

    class Recorder(loggers.PrometheusStatLogger):
        _gauge_cls = made("")
        _counter_cls = made("_total")
        _histogram_cls = made("")

    settings = config.VllmConfig()
    object.__setattr__(settings, "model_config", MagicMock(served_model_name="model", max_model_len=1024))
    Recorder(settings, [0])
    return dict(sorted(found.items()))


def text(value: object, indent: str = "", key: str = "") -> str:
    """As the formatter of the repository writes JSON: a list on one line where it fits into 120 columns, comma included."""
    deeper = indent + "  "
    line = json.dumps(value)
    if not isinstance(value, (dict, list)) or (isinstance(value, list) and len(indent + key + line) + 5 <= 120):
        return line
    if isinstance(value, list):
        return "[\n" + ",\n".join(deeper + json.dumps(item) for item in value) + f"\n{indent}]"
    fields = (f"{deeper}{json.dumps(key)}: {text(item, deeper, key)}" for key, item in value.items())
    return "{\n" + ",\n".join(fields) + f"\n{indent}}}"


version = __version__.split("+")[0]
recording = {
    "version": version,
    "flags": read_flags(),
    "bounds": read_bounds(),
    "quantization": read_quantization(),
    "architectures": sorted({*registry._TEXT_GENERATION_MODELS, *registry._MULTIMODAL_MODELS}),
    "environment": sorted(name for name in envs.environment_variables if name.startswith("VLLM_")),
    "metrics": read_metrics(),
}
if len(sys.argv) > 1:
    path = pathlib.Path(sys.argv[1]) / f"vllm-{version}.json"
    path.write_text(text(recording) + "\n")
    print(path)
else:
    print(text(recording))
