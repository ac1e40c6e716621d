"""Static 8-bit matrix products whose scales come from watching the model read.

Fixed scales, unlike dynamic ones, make a text's vector independent of the texts it shares a batch
with, and cost no pass over the activations. Outlying activations (after GELU one channel in 1,536
can be ten times the next) would spoil a fixed scale, so SmoothQuant (Xiao et al. 2023) moves size
from activation channels into the weights that read them.

Weights use 7 bits: CPUs without VNNI add products in pairs of 16 bits, which full 8 bits overflow,
and one artifact must give the same vectors on every machine.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper

from shared.encoder.graph import MICROSOFT, GraphWriter
from shared.encoder.weights import Float

_WEIGHT_LIMIT = 63
_SMOOTHING = 0.7  # share of an activation channel's size that moves into the weights
_HEADROOM = 1.1  # texts outside the calibration set are somewhat larger
_TINY = 1e-5


@dataclass(frozen=True)
class Range:
    """Lowest and highest value seen in each channel: float32 [channels] each."""

    low: Float
    high: Float

    def merged(self, other: "Range") -> "Range":
        return Range(np.minimum(self.low, other.low), np.maximum(self.high, other.high))


class StaticInt8:
    """A `Linear` that quantises both sides with scales known beforehand."""

    def __init__(self, ranges: Mapping[str, Range]) -> None:
        self._ranges = ranges

    def __call__(self, graph: GraphWriter, x: str, name: str, weight: Float, bias: Float) -> str:
        seen = self._ranges[x]
        size = np.maximum(np.maximum(-seen.low, seen.high), _TINY)
        weight_size = np.maximum(np.abs(weight).max(axis=0), _TINY)
        shift = (size**_SMOOTHING / weight_size ** (1 - _SMOOTHING)).astype(np.float32)
        quantised, weight_scale = _quantise_rows(weight * shift)
        scale, zero = _scale_of(seen, shift)
        smooth = graph.node("Mul", [x, graph.constant(f"{name}.shift", 1 / shift)], f"{name}.x")
        scale_name = graph.constant(f"{name}.x.scale", scale)
        zero_name = graph.constant(f"{name}.x.zero", zero)
        inputs = [
            graph.node("QuantizeLinear", [smooth, scale_name, zero_name], f"{name}.x.int8"),
            graph.constant(f"{name}.w", quantised.T),
            scale_name,
            graph.constant(f"{name}.w.scale", weight_scale),
            zero_name,
            graph.constant(f"{name}.w.zero", np.zeros(len(weight_scale), np.int8)),
            graph.constant(f"{name}.b", bias),
        ]
        return graph.node("MatMulIntegerToFloat", inputs, f"{name}.out", MICROSOFT)


def observe(
    model: onnx.ModelProto, names: Sequence[str], rows: Iterable[Sequence[int]]
) -> dict[str, Range]:
    """Runs the full-precision graph over rows of token ids and returns each named tensor's range.

    Adds the names to the graph's outputs: do not serve the graph afterwards.
    """
    for name in names:
        model.graph.output.append(
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", "tokens", None])
        )
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    ranges: dict[str, Range] = {}
    for row in rows:
        ids = np.array([row], np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        for name, value in zip(names, session.run(list(names), feed), strict=True):
            seen = Range(value[0].min(axis=0), value[0].max(axis=0))
            ranges[name] = seen.merged(ranges[name]) if name in ranges else seen
    return ranges


def _quantise_rows(weight: Float) -> tuple[NDArray[np.int8], Float]:
    scale = (np.abs(weight).max(axis=1) / _WEIGHT_LIMIT).astype(np.float32)
    return np.rint(weight / scale[:, None]).astype(np.int8), scale


def _scale_of(seen: Range, shift: Float) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """One scale and zero point for the whole tensor, scalars, as the integer product wants them."""
    low = min(0.0, float((seen.low / shift).min()) * _HEADROOM)
    high = max(0.0, float((seen.high / shift).max()) * _HEADROOM)
    scale = (high - low) / 255
    return np.array(scale, np.float32), np.array(round(-low / scale), np.uint8)
