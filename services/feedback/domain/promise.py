"""Tests of the promise that may be looked at as often as one likes.

Exact binomial bounds hold for one look. The tuner looks every minute at data that grow, so each
test here is a bet against a hypothesis: the wealth of a gambler who starts with 1 and stakes a part
of it on every reply. If the hypothesis is true no bet is favourable, and by Ville's inequality the
chance that the wealth ever, at any look, reaches 1 / level is at most level. Source: Waudby-Smith
and Ramdas (2024), "Estimating means of bounded random variables by betting", JRSS B 86(1), 1-27
(arXiv 2010.09686); the wealth is averaged over a fixed grid of stakes. For replies of equal weight
that is a mixture of Bernoulli likelihood ratios, as in Robbins (1970), "Statistical methods related
to the law of the iterated logarithm".

Weights. Drafts are judged oftener, or more seldom, than automatic replies. A reply that stands for
fewer is staked less: a share w in (0, 1] of the stake, where w is proportional to the inverse of
the share that is judged. Then E[w (bad - alpha)] has the sign of (true rate - alpha) among all the
replies, judged or not, and the bet stays fair (Horvitz and Thompson 1952).
"""

import math

import numpy as np

from services.feedback.domain.evidence import TOP, Evidence, Floats, at_or_above

STAKES = (np.arange(20) + 0.5) / 20
"""Stakes against 'too many are wrong', as parts of the largest that one bad reply leaves solvent.

With equal weights a stake h is the likelihood ratio of the rate alpha (1 - h) to alpha."""
RISES = np.array([0.1, 0.2, 0.4, 0.8])
"""Stakes against 'few enough are wrong': the ratio of the rate alpha + g (1 - alpha) to alpha."""
DRIFT_RUN = 100_000
"""At a rate of alpha, drift is seen where there is none once in so many judged replies or more."""
HALVINGS = 25


def log_proof(evidence: Evidence, alpha: float) -> Floats:
    """The log wealth against 'more than `alpha` of the replies at or above this rung are wrong'.

    Shape (TOP + 1,), one for each rung. It depends on what was seen, not on its order.
    """
    totals = np.zeros((len(STAKES), TOP + 1))
    for share in np.unique(evidence.shares):
        alike = evidence.shares == share
        good = np.bincount(evidence.rungs[alike & ~evidence.bad], minlength=TOP + 1)
        bad = np.bincount(evidence.rungs[alike & evidence.bad], minlength=TOP + 1)
        won = np.log1p(STAKES * share * alpha / (1 - alpha))
        lost = np.log1p(-STAKES * share)
        totals += won[:, None] * good + lost[:, None] * bad
    return _log_mean(at_or_above(totals))


def upper_bound(evidence: Evidence, level: float) -> float:
    """The true rate is below this with confidence `1 - level`, at all looks together.

    The smallest rate that the bets refute, by bisection; 1 when nothing was seen.
    """
    low, high = 0.0, 1.0
    for _ in range(HALVINGS):
        rate = (low + high) / 2
        if log_proof(evidence, rate)[0] >= -math.log(level):
            high = rate
        else:
            low = rate
    return high


def contradicted(evidence: Evidence, level: float) -> bool:
    """Whether the replies, in their order, contradict 'at most alpha of them are wrong'.

    Either of two: a bet from the first reply on reached 1 / level, which at a rate of alpha or less
    happens with probability `level` at most, ever; or one begun at the best moment reached
    DRIFT_RUN, which finds a rate that rose after many good replies (a CUSUM: Page 1954; that the
    mean run to a false alarm is DRIFT_RUN or more follows as for e-detectors, Shin, Ramdas and
    Rinaldo 2023, arXiv 2203.03532).
    """
    if not len(evidence):
        return False
    shares, alphas = evidence.shares, evidence.alphas
    won = np.log1p(RISES[:, None] * shares * (1 - alphas) / alphas)
    lost = np.log1p(-RISES[:, None] * shares)
    path = np.cumsum(np.where(evidence.bad, won, lost), axis=1)
    before = np.concatenate([np.zeros((len(RISES), 1)), path[:, :-1]], axis=1)
    since_lowest = path - np.minimum.accumulate(before, axis=1)
    return bool(
        _log_mean(path).max() >= -math.log(level)
        or _log_mean(since_lowest).max() >= math.log(DRIFT_RUN)
    )


def _log_mean(logs: Floats) -> Floats:
    """The log of the mean of exp(logs) over the first axis."""
    highest = logs.max(axis=0)
    mean: Floats = highest + np.log(np.exp(logs - highest).mean(axis=0))
    return mean
