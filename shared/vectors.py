"""Sentence vectors as events carry them."""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray


def unit_vector(data: str) -> NDArray[np.float32] | None:
    """The vector in `Vector.data`, float32 [width] of length 1; None if it is damaged or nothing
    but zeros."""
    try:
        values = np.frombuffer(base64.b64decode(data, validate=True), "<f2").astype(np.float32)
    except (binascii.Error, ValueError):
        return None
    length = float(np.linalg.norm(values))
    if not np.isfinite(length) or length == 0:
        return None
    unit: NDArray[np.float32] = (values / length).astype(np.float32)
    return unit
