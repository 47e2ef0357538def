"""Trains tiny-stories: python train.py OUTPUT --minutes 60. Writes tokenizer.json, weights.pt and training.json into OUTPUT.

The learning rate follows the clock, so that a run ends cooled down after the minutes given, whatever the machine. Two runs with
the same seed see the same text in the same order, but not the same number of steps.
"""

import argparse
import json
import math
import pathlib
import time

import numpy
import torch
from torch.nn import functional

from corpus.write import Writer
from model import Gpt2
from tokenizer import learn_tokenizer

CONFIG = {
    "vocab_size": 2048, "n_positions": 512, "n_embd": 192, "n_layer": 4, "n_head": 6, "layer_norm_epsilon": 1e-5,
}
SEED = 20261127
CORPUS_CHARACTERS = 28_000_000
VALIDATION_CHARACTERS = 400_000
TOKENIZER_CHARACTERS = 4_000_000
BATCH = 4
PEAK_RATE, FLOOR = 2e-3, 0.02
WARM_UP_STEPS = 100
WEIGHT_DECAY = 0.1
LOG_SECONDS = 60


def encode(tokenizer, text):
    # In parts, since the whole text would need gigabytes at once; every part ends with a document.
    parts = [part + "<|endoftext|>" for part in text.split("<|endoftext|>")[:-1]]
    chunks = (tokenizer.encode_batch(parts[at:at + 2000]) for at in range(0, len(parts), 2000))
    return torch.from_numpy(numpy.array([token for chunk in chunks for one in chunk for token in one.ids], dtype=numpy.int16))


def windows(tokens, starts, length):
    """(inputs, targets), each int64 [len(starts), length]"""
    rows = torch.stack([tokens[start:start + length + 1] for start in starts]).long()
    return rows[:, :-1], rows[:, 1:]


def loss_of(model, batch):
    inputs, targets = batch
    return functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())


def validation_loss(model, tokens, length):
    """Mean over the held-out text, nats per token."""
    starts = range(0, len(tokens) - length - 1, length)
    with torch.no_grad():
        losses = [loss_of(model, windows(tokens, starts[at:at + BATCH], length)).item() for at in range(0, len(starts), BATCH)]
    return sum(losses) / len(losses)


def rate(step, passed):
    """passed: share of the time that is gone."""
    return PEAK_RATE * min(1, (step + 1) / WARM_UP_STEPS) * (FLOOR + (1 - FLOOR) * (1 + math.cos(math.pi * passed)) / 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(SEED)
    arguments.output.mkdir(parents=True, exist_ok=True)

    text = Writer(SEED).text(CORPUS_CHARACTERS)
    tokenizer = learn_tokenizer(text[:TOKENIZER_CHARACTERS], CONFIG["vocab_size"])
    tokenizer.save(str(arguments.output / "tokenizer.json"))
    train = encode(tokenizer, text)
    held_out = encode(tokenizer, Writer(SEED + 1).text(VALIDATION_CHARACTERS))
    model = Gpt2(CONFIG)
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, {len(train):,} tokens", flush=True)

    matrices = [p for p in model.parameters() if p.ndim > 1]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    groups = [{"params": matrices, "weight_decay": WEIGHT_DECAY}, {"params": vectors, "weight_decay": 0}]
    optimizer = torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.95))
    length = CONFIG["n_positions"]
    started, logged, step = time.monotonic(), 0.0, 0
    while (seconds := time.monotonic() - started) < arguments.minutes * 60:
        for group in optimizer.param_groups:
            group["lr"] = rate(step, seconds / (arguments.minutes * 60))
        loss = loss_of(model, windows(train, torch.randint(len(train) - length - 1, (BATCH,)), length))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if seconds - logged > LOG_SECONDS:
            logged = seconds
            torch.save(model.state_dict(), arguments.output / "weights.pt")
            print(f"{seconds:.0f} s, step {step}, loss {loss.item():.3f}, tokens/s {step * BATCH * length / seconds:.0f}", flush=True)
    torch.save(model.state_dict(), arguments.output / "weights.pt")
    facts = {
        "config": CONFIG,
        "seed": SEED,
        "parameters": sum(p.numel() for p in model.parameters()),
        "corpusCharacters": len(text),
        "corpusTokens": len(train),
        "steps": step,
        "tokensSeen": step * BATCH * length,
        "minutes": round((time.monotonic() - started) / 60, 1),
        "trainingLoss": round(validation_loss(model, train[:len(held_out)], length), 4),
        "validationLoss": round(validation_loss(model, held_out, length), 4),
    }
    (arguments.output / "training.json").write_text(json.dumps(facts, indent=2) + "\n")
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    main()
