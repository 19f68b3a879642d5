"""How well severities are suggested, measured on texts whose level people have decided. Pure: no database.

Levels are ordered, so measures count how far off a suggestion is. The main one is quadratic weighted kappa: 1 is
perfect agreement, 0 what chance would reach, as every constant answer does. The macro figures weigh each level that
occurs alike, however rare it is.
"""

from __future__ import annotations

import csv
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from tickets.workflow import Severity

LEVELS = tuple(Severity)

type Suggester = Callable[[str, str], Severity]


class UnreadableFile(ValueError):
    """A file of labelled texts that cannot be used; the message says where and why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A text and the level that people gave it. `origin` is where it comes from, or empty."""

    title: str
    description: str
    label: Severity
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Measures:
    """How good one suggester is on one set of texts. `confusion[label][suggested]` counts, by rank."""

    kappa: float
    macro_mae: float
    macro_f1: float
    within_one: float
    confusion: list[list[int]]


@dataclass(frozen=True, slots=True)
class Latency:
    """How long single suggestions took, in milliseconds."""

    median: float
    p99: float
    largest: float


def read_samples(path: Path) -> list[Sample]:
    """Texts from a CSV file with the columns title, description and label; others but origin are ignored.

    Raises UnreadableFile, and OSError where the file cannot be opened.
    """
    limit = csv.field_size_limit(2**31 - 1)  # holds for the whole process, so it is set back
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file, strict=True)
            missing = {"title", "description", "label"} - set(rows.fieldnames or ())
            if missing:
                raise UnreadableFile(f"{path}: no column {', '.join(sorted(missing))}")
            return [_sample(row, f"{path}, line {rows.line_num}") for row in rows]
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableFile(f"{path}: {error}") from error
    finally:
        csv.field_size_limit(limit)


def _sample(row: dict[str, str | None], where: str) -> Sample:
    label = (row["label"] or "").strip().upper()
    if label not in Severity.values:
        raise UnreadableFile(f"{where}: {label!r} is not one of {', '.join(Severity.values)}")
    title, description, origin = (row.get(name) or "" for name in ("title", "description", "origin"))
    return Sample(title, description, Severity(label), origin)


def suggest_all(suggest: Suggester, samples: Sequence[Sample]) -> tuple[list[Severity], Latency]:
    """What a suggester says to each text, in order, and how long it took."""
    suggested: list[Severity] = []
    times: list[float] = []
    for sample in samples:
        started = time.perf_counter()
        suggested.append(suggest(sample.title, sample.description))
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return suggested, Latency(times[len(times) // 2], times[int(len(times) * 0.99)], times[-1])


def measure(labels: Sequence[Severity], suggested: Sequence[Severity]) -> Measures:
    """Raises ValueError for no texts, or lists of different length."""
    if not labels:
        raise ValueError("There is nothing to measure.")
    confusion = [[0] * len(LEVELS) for _ in LEVELS]
    for label, suggestion in zip(labels, suggested, strict=True):
        confusion[label.rank][suggestion.rank] += 1
    return Measures(
        kappa=_kappa(confusion),
        macro_mae=fmean(_mean_distance(row, rank) for rank, row in enumerate(confusion) if any(row)),
        macro_f1=_macro_f1(confusion),
        within_one=_share(confusion, lambda label, suggestion: abs(label - suggestion) <= 1),
        confusion=confusion,
    )


def _kappa(confusion: list[list[int]]) -> float:
    total = sum(map(sum, confusion))
    of_label = [sum(row) for row in confusion]
    of_suggestion = [sum(column) for column in zip(*confusion, strict=True)]
    observed = expected = 0.0
    for label, row in enumerate(confusion):
        for suggestion, count in enumerate(row):
            observed += (label - suggestion) ** 2 * count
            expected += (label - suggestion) ** 2 * of_label[label] * of_suggestion[suggestion] / total
    return 1 - observed / expected if expected else 0.0


def _mean_distance(row: list[int], rank: int) -> float:
    return sum(abs(rank - suggestion) * count for suggestion, count in enumerate(row)) / sum(row)


def _macro_f1(confusion: list[list[int]]) -> float:
    """Over levels that occur as label or as suggestion."""
    scores = []
    for rank, row in enumerate(confusion):
        occurrences = sum(row) + sum(other[rank] for other in confusion)
        if occurrences:
            scores.append(2 * row[rank] / occurrences)
    return fmean(scores)


def _share(confusion: list[list[int]], counts: Callable[[int, int], bool]) -> float:
    cells = [(count, counts(i, j)) for i, row in enumerate(confusion) for j, count in enumerate(row)]
    return sum(count for count, included in cells if included) / sum(count for count, _ in cells)


def always(level: Severity) -> Suggester:
    """A suggester that says the same to every text."""
    return lambda _title, _description: level


def most_frequent(labels: Iterable[Severity]) -> Severity:
    """The commonest level; of equally common ones the least severe."""
    counts = Counter(labels)
    return max(LEVELS, key=lambda level: counts[level])


# The patterns of the service that this one replaces: the first that fits decides.
_CASCADE = [
    (
        Severity.VERY_HIGH,
        r"outage|data loss|breach|ransom|exfiltration|injection|denial of service|p0|sev0|prod(uction)?\b.*\bdown",
    ),
    (Severity.HIGH, r"p1|sev1|critical|payment|checkout|auth|login|oauth|sso|prod|production"),
    (
        Severity.MEDIUM,
        r"error|exception|timeout|5\d\d|stacktrace|failed|failure|bug|degraded|intermittent",
    ),
    (
        Severity.LOW,
        r"minor|typo|copy|docs?|ux|cosmetic|layout|css|feature request|improvement|melhoria",
    ),
]
_CASCADE_PATTERNS = [(level, re.compile(rf"\b(?:{words})\b", re.DOTALL)) for level, words in _CASCADE]


def earlier_service(title: str, description: str) -> Severity:
    """What the service that this one replaces would have said without a language model; a baseline."""
    text = f"{title} {description}".lower()
    return next((level for level, pattern in _CASCADE_PATTERNS if pattern.search(text)), Severity.EASY)
