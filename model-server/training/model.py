"""GPT-2 in PyTorch, with the names and shapes of Hugging Face's weights, so that nothing has to be renamed on the way out."""

import torch
from torch import nn
from torch.nn import functional


class Conv1D(nn.Module):
    """A linear layer whose weight is stored [in, out], as GPT-2's are."""

    def __init__(self, inputs, outputs, deviation=0.02):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(inputs, outputs).normal_(std=deviation))
        self.bias = nn.Parameter(torch.zeros(outputs))

    def forward(self, x):
        return torch.addmm(self.bias, x.flatten(0, 1), self.weight).unflatten(0, x.shape[:2])


class Attention(nn.Module):
    def __init__(self, config, deviation):
        super().__init__()
        width = config["n_embd"]
        self.heads = config["n_head"]
        self.c_attn = Conv1D(width, 3 * width)
        self.c_proj = Conv1D(width, width, deviation)

    def forward(self, x):
        query, key, value = (
            part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in self.c_attn(x).chunk(3, dim=2)
        )
        seen = functional.scaled_dot_product_attention(query, key, value, is_causal=True)
        return self.c_proj(seen.transpose(1, 2).flatten(2))


class Mlp(nn.Module):
    def __init__(self, width, deviation):
        super().__init__()
        self.c_fc = Conv1D(width, 4 * width)
        self.c_proj = Conv1D(4 * width, width, deviation)

    def forward(self, x):
        return self.c_proj(functional.gelu(self.c_fc(x), approximate="tanh"))


class Block(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["n_embd"]
        # Residual branches start smaller the deeper the model is, as in GPT-2's paper.
        deviation = 0.02 / (2 * config["n_layer"]) ** 0.5
        self.ln_1 = nn.LayerNorm(width, config["layer_norm_epsilon"])
        self.attn = Attention(config, deviation)
        self.ln_2 = nn.LayerNorm(width, config["layer_norm_epsilon"])
        self.mlp = Mlp(width, deviation)

    def forward(self, x):
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Gpt2(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.wte = nn.Embedding(config["vocab_size"], config["n_embd"])
        self.wpe = nn.Embedding(config["n_positions"], config["n_embd"])
        self.h = nn.ModuleList(Block(config) for _ in range(config["n_layer"]))
        self.ln_f = nn.LayerNorm(config["n_embd"], config["layer_norm_epsilon"])
        for table in (self.wte, self.wpe):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, tokens):
        """tokens: int64 [batch, length] → logits [batch, length, vocabulary]; the head is the token table."""
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        for block in self.h:
            x = block(x)
        return self.ln_f(x) @ self.wte.weight.T
