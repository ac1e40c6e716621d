"""Writes the encoder as an ONNX graph straight from the packed weights; no torch.

Inputs `input_ids` and `attention_mask`, int64 [batch, tokens]; outputs `vector`, float32
[batch, hidden] (mean over the tokens, L2-normalised) and `token_states`, float32
[batch, tokens, hidden]. The architecture is post-LN BERT with exact GELU (Devlin et al. 2019) in
ONNX Runtime's fused operators. The matrix products come from outside (`Linear`): full precision or
quantised.
"""

from typing import Any, Protocol

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from shared.encoder.packed import BLOCK, PackedModel

MICROSOFT = "com.microsoft"
_OPSET = 18
_IR_VERSION = 10
_SHAPE = ["batch", "tokens"]
_MASK = "mask"

Array = NDArray[np.generic]
Float = NDArray[np.float32]


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


def build_graph(model: PackedModel, linear: Linear) -> onnx.ModelProto:
    """The whole encoder; deterministic: the same weights and `linear` give the same bytes."""
    graph = GraphWriter()
    state = _embeddings(graph, model)
    graph.node("Cast", ["attention_mask"], _MASK, to=TensorProto.INT32)
    for layer in range(model.config.layers):
        state = _layer(graph, model, linear, layer, state)
    graph.node("Identity", [state], "token_states")
    _pooling(graph, state)
    size = model.config.hidden
    description = helper.make_graph(
        graph.nodes,
        "multilingual-e5-small",
        [_value(name, TensorProto.INT64) for name in ("input_ids", "attention_mask")],
        [
            helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", size]),
            helper.make_tensor_value_info("token_states", TensorProto.FLOAT, [*_SHAPE, size]),
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


def _embeddings(graph: GraphWriter, model: PackedModel) -> str:
    """Word rows stay in the file's 4 bits; position and the one token type are a single table."""
    words = model.quantised["emb.word"]
    rows = [
        graph.constant("emb.word", words.packed()),
        "input_ids",
        graph.constant("emb.word.scales", words.scales),
    ]
    word = graph.node(
        "GatherBlockQuantized",
        rows,
        "emb.words",
        MICROSOFT,
        gather_axis=0,
        quantize_axis=1,
        block_size=BLOCK,
        bits=4,
    )
    hidden = model.config.hidden
    places = model.dense["emb.pos"].reshape(-1, hidden) + model.dense["emb.type"][:hidden]
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


def _layer(graph: GraphWriter, model: PackedModel, linear: Linear, layer: int, state: str) -> str:
    def weight(part: str) -> Float:
        return model.quantised[f"l{layer}.{part}.w"].dense()

    def bias(part: str) -> Float:
        return model.dense[f"l{layer}.{part}.b"]

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


def _norm(graph: GraphWriter, model: PackedModel, name: str) -> list[str]:
    return [graph.constant(f"{name}.{part}", model.dense[f"{name}.{part}"]) for part in "wb"]


def _pooling(graph: GraphWriter, state: str) -> str:
    """Sum over the real tokens; the norm makes it the direction of their mean."""
    mask = graph.node("Cast", ["attention_mask"], "mask.float", to=TensorProto.FLOAT)
    one = graph.constant("one", np.array([1], np.int64))
    row = graph.node("Unsqueeze", [mask, one], "mask.row")
    total = graph.node("MatMul", [row, state], "sum.row")
    flat = graph.node("Squeeze", [total, one], "sum")
    return graph.node("LpNormalization", [flat], "vector", axis=-1, p=2)
