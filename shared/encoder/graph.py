"""Writes an encoder as an ONNX graph straight from its weights; no torch.

Inputs `input_ids` and `attention_mask`, int64 [batch, tokens]. Outputs, float32: `vector`
[batch, hidden], the mean over the tokens of the last layer, L2-normalised; `token_states`
[batch, tokens, width], what each token became in the feature layers, side by side; `features`
[batch, width], their plain mean over the tokens. The architecture is post-LN BERT with exact GELU
(Devlin et al. 2019) in ONNX Runtime's fused operators. The matrix products come from outside
(`Linear`): full precision or quantised.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from shared.encoder.weights import BLOCK, Float, QuantisedTensor, Weights

MICROSOFT = "com.microsoft"
_OPSET = 18
_IR_VERSION = 10
_SHAPE = ["batch", "tokens"]
_MASK = "mask"

Array = NDArray[np.generic]


class GraphWriter:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: Array) -> str:
        # A zero-dimensional array must stay one: the operators want scalars.
        contiguous = np.ascontiguousarray(value).reshape(np.shape(value))
        self.constants.append(numpy_helper.from_array(contiguous, name))
        return name

    def node(
        self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any
    ) -> str:
        self.split(kind, inputs, [output], domain, **attributes)
        return output

    def split(
        self,
        kind: str,
        inputs: list[str],
        outputs: list[str],
        domain: str = "",
        **attributes: Any,
    ) -> list[str]:
        """Like `node`, for operators with several outputs."""
        self.nodes.append(
            helper.make_node(kind, inputs, outputs, name=outputs[0], domain=domain, **attributes)
        )
        return outputs


class Linear(Protocol):
    """Writes y = x W^T + b for weight [out, in] and bias [out]; returns the name of y."""

    def __call__(
        self, graph: GraphWriter, x: str, name: str, weight: Float, bias: Float, /
    ) -> str: ...


def full_precision(graph: GraphWriter, x: str, name: str, weight: Float, bias: Float) -> str:
    """The product in float32."""
    product = graph.node("MatMul", [x, graph.constant(f"{name}.w", weight.T)], f"{name}.product")
    return graph.node("Add", [product, graph.constant(f"{name}.b", bias)], f"{name}.out")


def build_graph(model: Weights, linear: Linear, feature_layers: Sequence[int]) -> onnx.ModelProto:
    """The whole encoder; deterministic: the same arguments give the same bytes.

    `feature_layers` count from 1; the last layer has the number of layers.
    """
    graph = GraphWriter()
    state = _embeddings(graph, model)
    graph.node("Cast", ["attention_mask"], _MASK, to=TensorProto.INT32)
    kept: list[str] = []
    for layer in range(model.config.layers):
        state = _layer(graph, model, linear, layer, state)
        if layer + 1 in feature_layers:
            kept.append(state)
    graph.node("Concat", kept, "token_states", axis=-1)
    _pooling(graph, state)
    size = model.config.hidden
    width = size * len(feature_layers)
    description = helper.make_graph(
        graph.nodes,
        "encoder",
        [_value(name, TensorProto.INT64) for name in ("input_ids", "attention_mask")],
        [
            helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", size]),
            helper.make_tensor_value_info("features", TensorProto.FLOAT, ["batch", width]),
            helper.make_tensor_value_info("token_states", TensorProto.FLOAT, [*_SHAPE, width]),
        ],
        graph.constants,
    )
    opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(MICROSOFT, 1)]
    return helper.make_model(description, opset_imports=opsets, ir_version=_IR_VERSION)


def linear_inputs(layers: int) -> list[str]:
    """Names of the tensors that enter a matrix product, those that quantisation has to know."""
    names: list[str] = []
    for layer in range(layers):
        entering = "embeddings" if layer == 0 else f"l{layer - 1}.oln"
        names += [entering, *(f"l{layer}.{part}" for part in ("attention", "aln", "gelu"))]
    return names


def _value(name: str, kind: int) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, kind, _SHAPE)


def _embeddings(graph: GraphWriter, model: Weights) -> str:
    """Position and the one token type that occurs are a single table."""
    word = _words(graph, model.words)
    places = model.arrays["emb.pos"] + model.arrays["emb.type"][0]
    start = graph.constant("zero", np.array([0], np.int64))
    length = graph.node("Shape", ["input_ids"], "length", start=1, end=2)
    table = graph.constant("emb.places", places)
    place = graph.node("Slice", [table, start, length, start], "emb.place")
    total = graph.node("Add", [word, place], "emb.sum")
    return graph.node(
        "LayerNormalization",
        [total, *_norm(graph, model, "emb.ln")],
        "embeddings",
        axis=-1,
        epsilon=model.config.epsilon,
    )


def _words(graph: GraphWriter, words: QuantisedTensor | Float) -> str:
    """Rows in 4 bits stay so in the file; others are stored in half precision."""
    if isinstance(words, QuantisedTensor):
        rows = [
            graph.constant("emb.word", words.packed()),
            "input_ids",
            graph.constant("emb.word.scales", words.scales),
        ]
        return graph.node(
            "GatherBlockQuantized",
            rows,
            "emb.words",
            MICROSOFT,
            gather_axis=0,
            quantize_axis=1,
            block_size=BLOCK,
            bits=4,
        )
    table = graph.constant("emb.word", words.astype(np.float16))
    half = graph.node("Gather", [table, "input_ids"], "emb.words.half")
    return graph.node("Cast", [half], "emb.words", to=TensorProto.FLOAT)


def _layer(graph: GraphWriter, model: Weights, linear: Linear, layer: int, state: str) -> str:
    def weight(part: str) -> Float:
        return model.arrays[f"l{layer}.{part}.w"]

    def bias(part: str) -> Float:
        return model.arrays[f"l{layer}.{part}.b"]

    def add_and_norm(update: str, before: str, part: str) -> str:
        return graph.node(
            "SkipLayerNormalization",
            [update, before, *_norm(graph, model, f"l{layer}.{part}")],
            f"l{layer}.{part}",
            MICROSOFT,
            epsilon=model.config.epsilon,
        )

    name = f"l{layer}"
    weights = np.concatenate([weight(part) for part in "qkv"])
    biases = np.concatenate([bias(part) for part in "qkv"])
    mixed = linear(graph, state, f"{name}.qkv", weights, biases)
    parts = graph.split("Split", [mixed], [f"{name}.{p}" for p in "qkv"], axis=-1, num_outputs=3)
    attention = graph.node(
        "MultiHeadAttention",
        [*parts, "", _MASK],
        f"{name}.attention",
        MICROSOFT,
        num_heads=model.config.heads,
    )
    attended = linear(graph, attention, f"{name}.ao", weight("ao"), bias("ao"))
    state = add_and_norm(attended, state, "aln")
    inner = linear(graph, state, f"{name}.fi", weight("fi"), bias("fi"))
    active = graph.node("Gelu", [inner], f"{name}.gelu", MICROSOFT)
    outer = linear(graph, active, f"{name}.fo", weight("fo"), bias("fo"))
    return add_and_norm(outer, state, "oln")


def _norm(graph: GraphWriter, model: Weights, name: str) -> list[str]:
    return [graph.constant(f"{name}.{part}", model.arrays[f"{name}.{part}"]) for part in "wb"]


def _pooling(graph: GraphWriter, state: str) -> str:
    """Means over the real tokens."""
    mask = graph.node("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    one = graph.constant("one", np.array([1], np.int64))
    count = graph.node("ReduceSum", [mask, one], "count", keepdims=1)
    row = graph.node("Unsqueeze", [graph.node("Div", [mask, count], "share"), one], "share.row")
    kept = graph.node("MatMul", [row, "token_states"], "features.row")
    graph.node("Squeeze", [kept, one], "features")
    last = graph.node("MatMul", [row, state], "mean.row")
    mean = graph.node("Squeeze", [last, one], "mean")
    return graph.node("LpNormalization", [mean], "vector", axis=-1, p=2)
