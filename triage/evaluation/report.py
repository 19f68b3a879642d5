"""Measuring suggesters beside baselines, and writing the figures down for people and for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from tickets.workflow import Severity
from triage.evaluation.measurement import (
    LEVELS,
    Latency,
    Measures,
    Sample,
    Suggester,
    always,
    earlier_service,
    measure,
    most_frequent,
    suggest_all,
)


@dataclass(frozen=True, slots=True)
class Row:
    """One suggester on one set of texts."""

    suggester: str
    measures: Measures
    latency: Latency


@dataclass(frozen=True, slots=True)
class Evaluation:
    """All suggesters on one set of texts; the first row is the one in question, the others are baselines."""

    name: str
    texts: int
    rows: list[Row]
    suggested: list[Severity]


def evaluate(name: str, samples: Sequence[Sample], suggester: str, suggest: Suggester) -> Evaluation:
    """Raises ValueError where there are no texts."""
    labels = [sample.label for sample in samples]
    if not labels:
        raise ValueError(f"{name}: there are no labelled texts.")
    majority = most_frequent(labels)
    suggesters = [
        (suggester, suggest),
        ("constant MEDIUM", always(Severity.MEDIUM)),
        (f"most frequent ({majority})", always(majority)),
        ("earlier service's patterns", earlier_service),
    ]
    rows, answers = [], []
    for title, each in suggesters:
        suggested, latency = suggest_all(each, samples)
        rows.append(Row(title, measure(labels, suggested), latency))
        answers.append(suggested)
    return Evaluation(name, len(labels), rows, answers[0])


def as_markdown(evaluations: Sequence[Evaluation]) -> str:
    """One table of figures, with the means where there are several sets, and the confusion of each set."""
    lines = [
        "| texts | suggester | QWK | macro-MAE | macro-F1 | within one | ms, median | ms, 99 % |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for evaluation in evaluations:
        lines += _rows(evaluation)
    if len(evaluations) > 1:
        lines += _means(evaluations)
    return "\n".join([*lines, *(line for evaluation in evaluations for line in _confusion(evaluation))])


def _rows(evaluation: Evaluation) -> list[str]:
    names = [f"{evaluation.name} ({evaluation.texts})", *[""] * (len(evaluation.rows) - 1)]
    return [
        f"| {name} | {row.suggester} | {_figures(_values(row.measures))} | {row.latency.median:.2f} |"
        f" {row.latency.p99:.2f} |"
        for name, row in zip(names, evaluation.rows, strict=True)
    ]


def _means(evaluations: Sequence[Evaluation]) -> list[str]:
    lines: list[str] = []
    for number, row in enumerate(evaluations[0].rows):
        measures = [evaluation.rows[number].measures for evaluation in evaluations]
        name = row.suggester.partition(" (")[0]  # the most frequent level differs from set to set
        lines.append(f"| {'' if lines else 'mean'} | {name} | {_figures(_mean(measures))} | | |")
    return lines


def _confusion(evaluation: Evaluation) -> list[str]:
    lines = [
        "",
        f"{evaluation.name}, what was decided and what is suggested:",
        "",
        f"| decided \\ {evaluation.rows[0].suggester} | {' | '.join(LEVELS)} |",
        "|---|" + "---:|" * len(LEVELS),
    ]
    for level, counts in zip(LEVELS, evaluation.rows[0].measures.confusion, strict=True):
        lines.append(f"| {level} | {' | '.join(map(str, counts))} |")
    return lines


def _figures(values: dict[str, float]) -> str:
    return " | ".join(f"{value:.3f}" for value in values.values())


def _values(measures: Measures) -> dict[str, float]:
    return {
        "kappa": measures.kappa,
        "macroMae": measures.macro_mae,
        "macroF1": measures.macro_f1,
        "withinOne": measures.within_one,
    }


def _mean(measures: Sequence[Measures]) -> dict[str, float]:
    values = [_values(each) for each in measures]
    return {name: fmean(each[name] for each in values) for name in values[0]}


def as_data(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """The same figures for programs; the first of `suggesters` is the one in question."""
    return {
        "levels": list(LEVELS),
        "sets": [
            {
                "name": evaluation.name,
                "texts": evaluation.texts,
                "suggesters": [
                    {
                        "name": row.suggester,
                        **_values(row.measures),
                        "confusion": row.measures.confusion,
                        "latencyMs": {"median": row.latency.median, "p99": row.latency.p99, "max": row.latency.largest},
                    }
                    for row in evaluation.rows
                ],
            }
            for evaluation in evaluations
        ],
        "mean": _mean([evaluation.rows[0].measures for evaluation in evaluations]),
    }
