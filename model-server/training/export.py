"""Turns a training run into the files of the model: python export.py RUN MODEL_FOLDER [--safetensors FOLDER].

Writes onnx/model_int8.onnx, tokenizer.json, tokenizer_config.json, config.json and generation_config.json. With --safetensors also a
folder that vLLM loads: the same tokenizer and configuration, and model.safetensors with float16 weights that are exactly the int8 ones.
"""

import argparse
import json
import pathlib
import shutil

import torch
from safetensors.torch import save_file

from corpus.write import ASSISTANT, END, USER
from onnx_graph import write_onnx
from quantise import dequantise

CHAT_TEMPLATE = (
    "{% for m in messages %}{{ '<|' + ('assistant' if m['role']=='assistant' else 'user') + '|>' + m['content'] + "
    "('<|endoftext|>' if m['role']=='assistant' else '') }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
EMBEDDINGS = ("wte.weight", "wpe.weight")


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def model_config(config):
    return {
        **config,
        "model_type": "gpt2",
        "architectures": ["GPT2LMHeadModel"],
        "activation_function": "gelu_new",
        "bos_token_id": 0,
        "eos_token_id": 0,
        "pad_token_id": 0,
        "n_ctx": config["n_positions"],
        "tie_word_embeddings": True,
    }


def tokenizer_config(config):
    return {
        "tokenizer_class": "GPT2Tokenizer",
        "model_max_length": config["n_positions"],
        **{role: END for role in ("bos_token", "eos_token", "unk_token", "pad_token")},
        "add_prefix_space": False,
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }


def exact(name, values):
    """The weight that the int8 form stands for; vectors stay as they are."""
    if values.ndim < 2:
        return values
    return dequantise(values, axis=1 if name in EMBEDDINGS else 0)


def write_texts(run, folder, config, **more):
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(run / "tokenizer.json", folder / "tokenizer.json")
    write_json(folder / "config.json", {**model_config(config), **more})
    write_json(folder / "tokenizer_config.json", tokenizer_config(config))
    write_json(folder / "generation_config.json", {"bos_token_id": 0, "eos_token_id": 0, "pad_token_id": 0, "max_length": config["n_positions"]})


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=pathlib.Path)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--safetensors", type=pathlib.Path)
    arguments = parser.parse_args()
    assert (USER, ASSISTANT) == ("<|user|>", "<|assistant|>"), "the chat template names the marks"
    config = json.loads((arguments.run / "training.json").read_text())["config"]
    weights = {name: value.float().numpy() for name, value in torch.load(arguments.run / "weights.pt").items()}
    write_texts(arguments.run, arguments.folder, config)
    (arguments.folder / "onnx").mkdir(exist_ok=True)
    write_onnx(str(arguments.folder / "onnx/model_int8.onnx"), config, weights, int8=True)
    if arguments.safetensors:
        write_texts(arguments.run, arguments.safetensors, config, torch_dtype="float16")
        tensors = {f"transformer.{name}": torch.from_numpy(exact(name, value)).half() for name, value in weights.items()}
        save_file(tensors, arguments.safetensors / "model.safetensors", metadata={"format": "pt"})


if __name__ == "__main__":
    main()
