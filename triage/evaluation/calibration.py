"""Choosing the heuristic's thresholds from labelled texts, and whether the choice holds on texts from elsewhere.

The weights of concepts are judgement; what is taken from data are the four scores at which one level ends and the
next begins. They are chosen so that the mean kappa is greatest over all sources, each judged twice: with descriptions,
and by the titles alone, since people ask about both.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from statistics import fmean

from tickets.workflow import Severity
from triage.evaluation.measurement import LEVELS, Measures, Sample, measure
from triage.heuristic.scoring import score_of

type Thresholds = tuple[float, float, float, float]

# Where each threshold may lie. Steps are coarse, since the data cannot tell finer ones apart.
GRID = ((-1.0, -0.7, -0.4), (-0.45, -0.3, -0.15), (0.2, 0.35, 0.5), (0.8, 1.0, 1.2))


@dataclass(frozen=True, slots=True)
class Scored:
    """What is known of one source: each text's label, its score as a whole, and that of its title alone."""

    labels: list[Severity] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    titles: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One source, judged by thresholds that were chosen without it."""

    origin: str
    texts: int
    thresholds: Thresholds
    whole: Measures
    titles: Measures


def by_origin(samples: Iterable[Sample]) -> dict[str, Scored]:
    """Labels and scores of each source."""
    sources: dict[str, Scored] = defaultdict(Scored)
    for sample in samples:
        source = sources[sample.origin]
        source.labels.append(sample.label)
        source.whole.append(score_of(sample.title, sample.description))
        source.titles.append(score_of(sample.title, ""))
    return dict(sources)


def choose_thresholds(sources: Mapping[str, Scored]) -> Thresholds:
    """The best of the grid."""
    return max(product(*GRID), key=lambda thresholds: mean_kappa(sources.values(), thresholds))


def leave_one_out(sources: Mapping[str, Scored]) -> list[LeftOut]:
    """Each source judged by thresholds that were chosen from all the others."""
    results = []
    for origin, source in sources.items():
        thresholds = choose_thresholds({name: other for name, other in sources.items() if name != origin})
        whole, titles = measures_at(source, thresholds)
        results.append(LeftOut(origin, len(source.labels), thresholds, whole, titles))
    return results


def mean_kappa(sources: Iterable[Scored], thresholds: Sequence[float]) -> float:
    return fmean(measures.kappa for source in sources for measures in measures_at(source, thresholds))


def measures_at(source: Scored, thresholds: Sequence[float]) -> tuple[Measures, Measures]:
    """How good the thresholds are on a source: with descriptions, and by the titles alone."""
    whole, titles = (
        measure(source.labels, [LEVELS[bisect_right(thresholds, score)] for score in scores])
        for scores in (source.whole, source.titles)
    )
    return whole, titles
