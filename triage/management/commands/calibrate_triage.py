"""Choosing the thresholds of the heuristic from labelled texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from triage.evaluation.calibration import LeftOut, by_origin, choose_thresholds, leave_one_out, mean_kappa
from triage.evaluation.measurement import Measures, UnreadableFile, read_samples
from triage.heuristic.scoring import THRESHOLDS


class Command(BaseCommand):
    help = (
        "Choose the heuristic's thresholds from labelled CSV files (columns title, description, label, origin), and"
        " show how well thresholds that were chosen without a source do on it. Changes nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            samples = [sample for path in options["files"] for sample in read_samples(path)]
        except (OSError, UnreadableFile) as error:
            raise CommandError(str(error)) from error
        sources = by_origin(samples)
        if len(sources) < 2:
            raise CommandError("At least two sources are needed; the column origin names them.")
        for name, thresholds in (("in use", THRESHOLDS), ("best here", choose_thresholds(sources))):
            self.stdout.write(f"{name}: {thresholds}, mean QWK {mean_kappa(sources.values(), thresholds):.3f}")
        self.stdout.write("")
        for line in left_out_table(leave_one_out(sources)):
            self.stdout.write(line)


def left_out_table(results: Sequence[LeftOut]) -> Iterator[str]:
    """The table in Markdown, with the mean of the sources in the last line."""
    yield (
        "| source left out | texts | thresholds from the others | QWK | macro-MAE | within one"
        " | QWK, titles | macro-MAE, titles | within one, titles |"
    )
    yield "|---|---:|---|" + "---:|" * 6
    rows = [[*figures(left.whole), *figures(left.titles)] for left in results]
    for left, row in zip(results, rows, strict=True):
        thresholds = ", ".join(f"{threshold:g}" for threshold in left.thresholds)
        yield f"| {left.origin} | {left.texts} | {thresholds} | {joined(row)} |"
    yield f"| mean | | | {joined(map(fmean, zip(*rows, strict=True)))} |"


def figures(measures: Measures) -> tuple[float, float, float]:
    return measures.kappa, measures.macro_mae, measures.within_one


def joined(values: Iterable[float]) -> str:
    return " | ".join(f"{value:.3f}" for value in values)
