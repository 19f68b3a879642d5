"""Choosing the heuristic's thresholds from labelled texts, and whether the choice holds on texts from elsewhere.

The weights of concepts are judgement; what is taken from data are the four scores at which one level ends and the
next begins. They are chosen so that the mean kappa over the sources is greatest, each source counting alike.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import fmean

from triage.evaluation import LEVELS, Measures, Sample, measure
from triage.heuristic import score_of

type Thresholds = tuple[float, float, float, float]

# Where each threshold may lie. Steps are coarse, since the data cannot tell finer ones apart.
GRID = ((-1.0, -0.7, -0.4), (-0.45, -0.3, -0.15), (0.2, 0.35, 0.5), (0.8, 1.0, 1.2))


@dataclass(frozen=True, slots=True)
class Scored:
    """What is known of one source: each text's score and its label's rank."""

    scores: list[float]
    ranks: list[int]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One source, judged by thresholds that were chosen without it."""

    origin: str
    texts: int
    thresholds: Thresholds
    measures: Measures


def by_origin(samples: Iterable[Sample], *, titles_only: bool = False) -> dict[str, Scored]:
    """Scores and labels of each source."""
    sources: dict[str, Scored] = defaultdict(lambda: Scored([], []))
    for sample in samples:
        source = sources[sample.origin]
        source.scores.append(score_of(sample.title, "" if titles_only else sample.description))
        source.ranks.append(sample.label.rank)
    return dict(sources)


def choose_thresholds(sources: Mapping[str, Scored]) -> Thresholds:
    """The best of the grid."""
    return max(product(*GRID), key=lambda thresholds: mean_kappa(sources.values(), thresholds))


def leave_one_out(sources: Mapping[str, Scored]) -> list[LeftOut]:
    """Each source judged by thresholds that were chosen from all the others."""
    results = []
    for origin, source in sources.items():
        thresholds = choose_thresholds({name: other for name, other in sources.items() if name != origin})
        results.append(LeftOut(origin, len(source.ranks), thresholds, measure_at(source, thresholds)))
    return results


def mean_kappa(sources: Iterable[Scored], thresholds: Sequence[float]) -> float:
    return fmean(measure_at(source, thresholds).kappa for source in sources)


def measure_at(source: Scored, thresholds: Sequence[float]) -> Measures:
    suggested = [LEVELS[bisect_right(thresholds, score)] for score in source.scores]
    return measure([LEVELS[rank] for rank in source.ranks], suggested)
