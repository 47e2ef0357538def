"""Writes a GPT-2 as an ONNX graph with the inputs and outputs that transformers.js expects of a decoder.

Inputs: input_ids, attention_mask, position_ids and, per layer N, past_key_values.N.key and .value [batch, heads, past, head size].
Outputs: logits [batch, tokens, vocabulary] and present.N.key and .value, past and new together.
Attention is one operator of ONNX Runtime (com.microsoft). The int8 form stores each matrix as int8 with one scale per output column and
rounds activations to uint8 while running (DynamicQuantizeLinear + MatMulInteger: standard operators, which ONNX Runtime fuses). The float
form is for comparison.
"""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

from quantise import quantise

OPSET = 20
MASKED = -1e9  # added to the score of a position that must not be seen


class Graph:
    """Collects nodes and constants; every method returns the name of its result."""

    def __init__(self):
        self.nodes, self.constants, self.known = [], [], {}

    def node(self, operator, *inputs, outputs=1, **attributes):
        names = [f"{operator}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(operator, list(inputs), names, **attributes))
        return names[0] if outputs == 1 else names

    def rename(self, result, name):
        """Gives a result the name of a graph output; an Identity would copy the whole cache once more."""
        for node in self.nodes:
            for names in (node.input, node.output):
                for at, old in enumerate(names):
                    if old == result:
                        names[at] = name
        return name

    def constant(self, name, value):
        if name not in self.known:
            self.known[name] = True
            self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(value), name))
        return name

    def scalar(self, value, dtype=numpy.float32):
        return self.constant(f"{numpy.dtype(dtype).name}_{value}", numpy.array(value, dtype))

    def axes(self, *values):
        return self.constant("axes_" + "_".join(map(str, values)), numpy.array(values, numpy.int64))


def write_onnx(path, config, weights, int8):
    """weights: the names of a Hugging Face GPT-2 without `transformer.`, float32 arrays, matrices as [in, out]."""
    g = Graph()
    layers, heads, width = config["n_layer"], config["n_head"], config["n_embd"]
    zero = g.scalar(0, numpy.int8)

    def matrix(x, name, stored=None):
        """x @ weights[name]; `stored` names a graph value that already holds the int8 matrix, and its scales."""
        if not int8:
            return g.node("MatMul", x, g.constant(name, weights[name]) if stored is None else stored[0])
        if stored is None:
            q, scale = quantise(weights[name], axis=0)
            stored = g.constant(name + ".int8", q), g.constant(name + ".scale", scale)
        xq, x_scale, x_zero = g.node("DynamicQuantizeLinear", x, outputs=3)
        product = g.node("MatMulInteger", xq, stored[0], x_zero, zero)
        return g.node("Mul", g.node("Cast", product, to=TensorProto.FLOAT), g.node("Mul", x_scale, stored[1]))

    def linear(x, name):
        return g.node("Add", matrix(x, name + ".weight"), g.constant(name + ".bias", weights[name + ".bias"]))

    def norm(x, name):
        parts = (g.constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return g.node("LayerNormalization", x, *parts, epsilon=config["layer_norm_epsilon"], axis=-1)

    def rows(name, index):
        """Rows of an embedding; in the int8 form one scale per row."""
        if not int8:
            return g.node("Gather", g.constant(name, weights[name]), index)
        q, scale = quantise(weights[name], axis=1)
        row = g.node("Cast", g.node("Gather", g.constant(name + ".int8", q), index), to=TensorProto.FLOAT)
        scales = g.node("Gather", g.constant(name + ".scale", scale), index)
        return g.node("Mul", row, g.node("Unsqueeze", scales, g.axes(-1)))

    # What may be seen: no padding, nothing later than oneself. Keys are counted from the start of the cache.
    total = g.node("Squeeze", g.node("Shape", "attention_mask", start=1, end=2), g.axes(0))
    new = g.node("Squeeze", g.node("Shape", "input_ids", start=1, end=2), g.axes(0))
    one, none = g.scalar(1, numpy.int64), g.scalar(0, numpy.int64)
    keys = g.node("Range", none, total, one)
    queries = g.node("Unsqueeze", g.node("Range", g.node("Sub", total, new), total, one), g.axes(1))
    padding = g.node("Unsqueeze", g.node("Equal", "attention_mask", none), g.axes(1, 2))
    hidden = g.node("Or", g.node("Greater", keys, queries), padding)
    bias = g.node("Where", hidden, g.scalar(MASKED), g.scalar(0.0))

    def attention(x, number):
        """One fused operator of ONNX Runtime instead of a dozen small ones."""
        name = f"h.{number}.attn"
        query, key, value = g.node("Split", linear(x, name + ".c_attn"), outputs=3, axis=-1, num_outputs=3)
        seen, key, value = g.node(
            "MultiHeadAttention", query, key, value, "", "", bias,
            f"past_key_values.{number}.key", f"past_key_values.{number}.value",
            outputs=3, domain="com.microsoft", num_heads=heads)
        g.rename(key, f"present.{number}.key")
        g.rename(value, f"present.{number}.value")
        return linear(seen, name + ".c_proj")

    x = g.node("Add", rows("wte.weight", "input_ids"), rows("wpe.weight", "position_ids"))
    for number in range(layers):
        x = g.node("Add", x, attention(norm(x, f"h.{number}.ln_1"), number))
        inner = g.node("Gelu", linear(norm(x, f"h.{number}.ln_2"), f"h.{number}.mlp.c_fc"), approximate="tanh")
        x = g.node("Add", x, linear(inner, f"h.{number}.mlp.c_proj"))
    # The output head is the token embedding, transposed; ONNX Runtime does this once, when it loads the file.
    head = g.node("Transpose", "wte.weight.int8" if int8 else "wte.weight", perm=[1, 0])
    g.rename(matrix(norm(x, "ln_f"), "wte.weight", (head, "wte.weight.scale")), "logits")

    def tensor(name, dtype, *shape):
        return helper.make_tensor_value_info(name, dtype, shape)

    def caches(prefix, length):
        shape = ("batch_size", heads, length, width // heads)
        return [tensor(f"{prefix}.{n}.{part}", TensorProto.FLOAT, *shape) for n in range(layers) for part in ("key", "value")]

    tokens = [tensor(name, TensorProto.INT64, "batch_size", length) for name, length in (
        ("input_ids", "sequence_length"), ("attention_mask", "total_sequence_length"), ("position_ids", "sequence_length"))]
    logits = tensor("logits", TensorProto.FLOAT, "batch_size", "sequence_length", config["vocab_size"])
    graph = helper.make_graph(g.nodes, "gpt2", tokens + caches("past_key_values", "past_sequence_length"),
                              [logits] + caches("present", "total_sequence_length"), g.constants)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid("com.microsoft", 1)], ir_version=9)
    onnx.checker.check_model(model)
    onnx.save(model, path)
