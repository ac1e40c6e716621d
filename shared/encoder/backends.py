"""What computes a pass of the encoder: ONNX Runtime in 8 bits, or torch in full precision."""

from pathlib import Path
from typing import Literal, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from shared.encoder.files import GRAPH, WEIGHTS

Name = Literal["onnx", "torch"]
Floats = NDArray[np.float32]
Ids = NDArray[np.int64]


class Backend(Protocol):
    """A loaded model. `side_by_side` is how many runs at a time make the best of its threads."""

    side_by_side: int

    def run(self, ids: Ids, mask: Ids, states: bool) -> list[Floats]:
        """For [texts, tokens]: vectors [texts, dimension], features [texts, width] and, if asked
        for, token states [texts, tokens, width]."""

    def rollout(self, ids: Ids) -> Floats:
        """How much each token of one text [tokens] flows into the vector, adding up to 1.

        Raises ValueError where attention cannot be seen.
        """


class OnnxBackend:
    """The artifact's graph on ONNX Runtime.

    Each run has one thread: the matrices of a batch are too small for several, which would wait
    for each other a third of the time.
    """

    def __init__(self, folder: Path, threads: int) -> None:
        self.side_by_side = threads
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            str(folder / GRAPH), options, providers=["CPUExecutionProvider"]
        )

    def run(self, ids: Ids, mask: Ids, states: bool) -> list[Floats]:
        # Token states only when asked for: they would be copied out for nothing.
        wanted = ["vector", "features", *(("token_states",) if states else ())]
        outputs: list[Floats] = self._session.run(
            wanted, {"input_ids": ids, "attention_mask": mask}
        )
        return outputs

    def rollout(self, ids: Ids) -> Floats:
        raise ValueError("attention rollout needs the torch backend: ENCODER_BACKEND=torch")


def load(name: Name, folder: Path, threads: int) -> Backend:
    """The backend for an artifact. Raises ValueError when the artifact cannot serve it."""
    if name == "onnx":
        return OnnxBackend(folder, threads)
    if not (folder / WEIGHTS).is_file():
        raise ValueError(
            f"{folder.parent.name}@{folder.name} was stored without its weights, which the torch "
            "backend needs: `python -m services.classify.train --keep-weights`"
        )
    # Here, so that serving in 8 bits needs no torch.
    from shared.encoder.torch_backend import TorchBackend  # noqa: PLC0415

    return TorchBackend(folder, threads)
