"""Who labels against everybody else: flipped labels, by malice or by carelessness."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from services.feedback.domain.binomial import at_least
from services.feedback.domain.learning.rows import SetAside, Source, Speaker, TrainingRow
from services.feedback.domain.learning.significance import holm

Floats = NDArray[np.float32]

_CHUNK = 512  # rows compared with all others at once: bounds memory
_NEAREST = 50  # further ones of a crowded place add nothing


@dataclass(frozen=True, slots=True)
class Caution:
    """What counts as a contradiction, and when contradictions tell.

    Texts from `cosine` on are near; at least `voices` other speakers near a row, one vote each,
    must agree for there to be something to contradict. Speakers with fewer than `judged` such rows
    are not tested. They are flagged when Holm's adjusted p-value is at most `alpha` and their rate
    of contradictions exceeds the others' by at least `excess`: people do differ a little.

    0.9 suits multilingual-e5-small: among 2000 texts of the seed 9 % have such a consensus around
    them at 0.9, and 18 % of these contradict it though rightly labelled; at 0.92 4 % and 15 %.
    """

    cosine: float = 0.9
    voices: int = 2
    judged: int = 5
    alpha: float = 0.01
    excess: float = 0.2


@dataclass(frozen=True, slots=True)
class Suspect:
    """How often a speaker contradicts what others say, and how often those do by their kind of
    rows. `chance` is the adjusted p-value."""

    speaker: Speaker
    contradicted: int
    judged: int
    expected: float
    chance: float
    flagged: bool

    @property
    def reason(self) -> str:
        return (
            f"flagged: {self.contradicted} of {self.judged} labels contradict what others say, "
            f"{self.expected:.0%} expected, p = {self.chance:.1g}"
        )


@dataclass(frozen=True, slots=True)
class _Judgement:
    """Whether a row contradicts; rows of a kind are comparable."""

    kind: Source
    contradicts: bool


def suspects(rows: Sequence[TrainingRow], vectors: Floats, caution: Caution) -> list[Suspect]:
    """All speakers with enough rows to be judged, flagged or not.

    vectors: float32 [rows, dimension], L2-normalised sentence vectors of one encoder.

    The test is the exact binomial one of the speaker's contradictions against the rate of the
    others among rows of the same kind: a correction contradicts the model more often than a
    confirmation, and somebody has to do the correcting. Rates of kinds are averaged; by Hoeffding
    (1956, Annals of Mathematical Statistics 27, 713-721) the binomial tail at the average bounds
    that of the mixture.
    """
    judged: dict[Speaker, list[_Judgement]] = defaultdict(list)
    for row, intent in zip(rows, _consensuses(rows, vectors, caution), strict=True):
        if intent is not None:
            judged[row.speaker].append(_Judgement(row.source, row.intent != intent))
    tested = sorted(speaker for speaker, told in judged.items() if len(told) >= caution.judged)
    totals = _by_kind([one for told in judged.values() for one in told])
    rates = [_expected(judged[speaker], totals) for speaker in tested]
    counts = [sum(one.contradicts for one in judged[speaker]) for speaker in tested]
    chances = holm(
        [
            at_least(count, len(judged[speaker]), rate)
            for speaker, count, rate in zip(tested, counts, rates, strict=True)
        ]
    )
    return [
        Suspect(
            speaker,
            count,
            len(judged[speaker]),
            rate,
            chance,
            chance <= caution.alpha and count / len(judged[speaker]) - rate >= caution.excess,
        )
        for speaker, count, rate, chance in zip(tested, counts, rates, chances, strict=True)
    ]


def of_flagged(rows: Sequence[TrainingRow], found: Sequence[Suspect]) -> list[SetAside]:
    """The rows of flagged speakers, with the reason."""
    reasons = {suspect.speaker: suspect.reason for suspect in found if suspect.flagged}
    return [SetAside(row, reasons[row.speaker]) for row in rows if row.speaker in reasons]


def _consensuses(
    rows: Sequence[TrainingRow], vectors: Floats, caution: Caution
) -> list[str | None]:
    """For each row the intent that other speakers give what is near to it, if they agree."""
    found: list[str | None] = []
    for start in range(0, len(rows), _CHUNK):
        cosines = vectors[start : start + _CHUNK] @ vectors.T
        for i, near in enumerate(cosines, start):
            places = np.flatnonzero(near >= caution.cosine)
            nearest = places[np.argsort(-near[places], kind="stable")[:_NEAREST]]
            found.append(_consensus(rows[i], [rows[j] for j in nearest.tolist()], caution))
    return found


def _consensus(row: TrainingRow, nearest: Sequence[TrainingRow], caution: Caution) -> str | None:
    votes: dict[Speaker, str] = {}
    for other in nearest:
        if other.speaker != row.speaker:
            votes.setdefault(other.speaker, other.intent)
    counts = Counter(votes.values()).most_common(1)
    if not counts or len(votes) < caution.voices:
        return None
    intent, most = counts[0]
    # Two thirds: one voice in three may be the wrong one.
    return intent if most >= caution.voices and 3 * most >= 2 * len(votes) else None


def _by_kind(judged: Sequence[_Judgement]) -> Mapping[Source, tuple[int, int]]:
    """Contradictions and judgements of each kind."""
    all_of = Counter(one.kind for one in judged)
    contradicting = Counter(one.kind for one in judged if one.contradicts)
    return {kind: (contradicting[kind], count) for kind, count in all_of.items()}


def _expected(own: Sequence[_Judgement], totals: Mapping[Source, tuple[int, int]]) -> float:
    """The rate of contradictions if the speaker were like the others, by rule of succession: a
    kind that no other has rows of tells nothing."""
    expected = 0.0
    for kind, (contradicted, count) in _by_kind(own).items():
        all_contradicted, all_count = totals[kind]
        others = all_count - count
        expected += count * (all_contradicted - contradicted + 1) / (others + 2)
    return expected / len(own)
