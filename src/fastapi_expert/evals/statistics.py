"""The few formulas of the report."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean

CONFIDENCE = 0.95
RESAMPLES = 10_000
SEED = 20_260_315  # one seed, so that a report of the same runs is the same report


@dataclass(frozen=True)
class Estimate:
    """A value with the ends of its confidence interval."""

    value: float
    low: float
    high: float


def wilson(held: int, tried: int) -> Estimate:
    """The rate of `held` in `tried` with Wilson's score interval (E. B. Wilson 1927, JASA 22, pp. 209 to 212)."""
    z = NormalDist().inv_cdf((1 + CONFIDENCE) / 2)
    rate = held / tried
    centre = (rate + z * z / (2 * tried)) / (1 + z * z / tried)
    half = z / (1 + z * z / tried) * math.sqrt(rate * (1 - rate) / tried + z * z / (4 * tried * tried))
    return Estimate(rate, max(0.0, centre - half), min(1.0, centre + half))


def bootstrap(values: Sequence[float], of: Callable[[Sequence[float]], float] = fmean) -> Estimate:
    """A statistic of values, one for each case, with its percentile interval over resampled cases.

    Cases are drawn whole, since the checks of one are alike; a difference of two arms is paired when each value is one
    case's difference (B. Efron, R. Tibshirani: An Introduction to the Bootstrap, 1993, chapters 8 and 13).
    """
    source = random.Random(SEED)  # noqa: S311 - drawn for a statistic
    drawn = sorted(of(source.choices(values, k=len(values))) for _ in range(RESAMPLES))
    tail = round((1 - CONFIDENCE) / 2 * RESAMPLES)
    return Estimate(of(values), drawn[tail], drawn[-1 - tail])


def geometric_mean(logarithms: Sequence[float]) -> float:
    """The geometric mean of ratios, from their logarithms."""
    return math.exp(fmean(logarithms))
