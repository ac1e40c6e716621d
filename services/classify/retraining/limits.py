"""How much worse than the current model a candidate may be, and at what it must be better."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """`worse` is what overall, each label of `label_rows` rows and each further head of as many may
    lose, `calibration` what the expected calibration error may gain, all beyond noise, which is
    told at level `alpha`.

    `slower` is the largest ratio of times; `fixed` the least share of the corrected cases that the
    current model gets wrong and the candidate must get right.
    """

    worse: float = 0.01
    label_rows: int = 20
    calibration: float = 0.01
    slower: float = 1.25
    fixed: float = 0.5
    alpha: float = 0.05
