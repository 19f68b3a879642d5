"""Where the heuristic's thresholds come from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from triage.calibration import by_origin, choose_thresholds, leave_one_out, mean_kappa
from triage.evaluation import UnreadableFile, read_samples
from triage.heuristic import THRESHOLDS


class Command(BaseCommand):
    help = (
        "Choose the heuristic's thresholds from labelled CSV files (columns title, description, label, origin), and"
        " show how well thresholds that were chosen without a source do on it. Changes nothing."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")
        parser.add_argument("--titles-only", action="store_true", help="judge by the titles alone")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            samples = [sample for path in options["files"] for sample in read_samples(path)]
        except (OSError, UnreadableFile) as error:
            raise CommandError(str(error)) from error
        sources = by_origin(samples, titles_only=options["titles_only"])
        if len(sources) < 2:
            raise CommandError("At least two sources are needed; the column origin names them.")
        for name, thresholds in (("in use", THRESHOLDS), ("best here", choose_thresholds(sources))):
            self.stdout.write(f"{name}: {thresholds}, mean QWK {mean_kappa(sources.values(), thresholds):.3f}")
        self.stdout.write("\n| source left out | texts | thresholds from the others | QWK | macro-MAE | within one |")
        self.stdout.write("|---|---:|---|---:|---:|---:|")
        for left in leave_one_out(sources):
            shown = ", ".join(f"{threshold:g}" for threshold in left.thresholds)
            m = left.measures
            self.stdout.write(
                f"| {left.origin} | {left.texts} | {shown} | {m.kappa:.3f} | {m.macro_mae:.3f} | {m.within_one:.3f} |"
            )
