"""How good suggestions are, on the desk's own decisions or on labelled files."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from tickets.models import Ticket
from tickets.workflow import Severity
from triage.evaluation.measurement import Sample, UnreadableFile, read_samples
from triage.evaluation.report import as_data, as_markdown, evaluate
from triage.heuristic import scoring
from triage.llm import chat
from triage.llm.chat import Call

DESK = "tickets reviewed at this desk"


@dataclass
class ModelSuggester:
    """Asks the language model about every text; where it gives no answer the heuristic does, and that is counted."""

    call: Call
    asked: int = 0
    unanswered: int = 0

    def __call__(self, title: str, description: str) -> Severity:
        self.asked += 1
        answer = chat.ask(self.call, title, description)
        if isinstance(answer, Severity):
            return answer
        self.unanswered += 1
        return scoring.suggest(title, description).severity


class Command(BaseCommand):
    help = (
        "Measure suggested severities against decided ones: over all reviewed tickets of this desk, or over CSV files"
        " with the columns title, description and label (no database is needed then)."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE.csv")
        parser.add_argument("--suggester", choices=["heuristic", "llm"], default="heuristic")
        parser.add_argument("--model", help="a language model other than OPENAI_MODEL, to try it out")
        parser.add_argument("--prompt", type=Path, help="a file with other instructions for the language model")
        parser.add_argument("--titles-only", action="store_true", help="leave the descriptions out")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")
        parser.add_argument("--predictions", type=Path, metavar="OUT.csv", help="write title, label, predicted")

    def handle(self, *args: Any, **options: Any) -> None:
        model = model_suggester(options) if options["suggester"] == "llm" else None
        sets = read_sets(options["files"])
        if options["titles_only"]:
            sets = [(name, [replace(sample, description="") for sample in samples]) for name, samples in sets]
        suggest = model or (lambda title, description: scoring.suggest(title, description).severity)
        try:
            results = [evaluate(name, samples, options["suggester"], suggest) for name, samples in sets]
        except ValueError as error:
            raise CommandError(str(error)) from error
        if options["predictions"]:
            samples = [sample for _, each in sets for sample in each]
            write_predictions(options["predictions"], samples, [s for result in results for s in result.suggested])
        if model is not None and model.unanswered == model.asked:
            raise CommandError("The language model gave no answer to any text.")
        if options["json"]:
            answered = {"asked": model.asked, "unanswered": model.unanswered} if model else {}
            self.stdout.write(json.dumps({**as_data(results), **answered}, indent=2))
            return
        self.stdout.write(as_markdown(results))
        if model is not None:
            self.stdout.write(f"\nNo answer from the language model: {model.unanswered} of {model.asked}.")


def model_suggester(options: dict[str, Any]) -> ModelSuggester:
    call = chat.configured_call()
    if call is None:
        raise CommandError("OPENAI_API_KEY is empty, so there is no language model to ask.")
    if options["model"]:
        call = replace(call, model=options["model"])
    if options["prompt"]:
        try:
            call = replace(call, instructions=options["prompt"].read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{options['prompt']}: {error}") from error
    return ModelSuggester(call)


def read_sets(files: Sequence[Path]) -> list[tuple[str, list[Sample]]]:
    """The texts of each file, or of the desk where none is named."""
    try:
        if not files:
            return [(DESK, reviewed_tickets())]
        return [(path.name, read_samples(path)) for path in files]
    except (OSError, UnreadableFile, Error) as error:
        raise CommandError(str(error)) from error


def reviewed_tickets() -> list[Sample]:
    """What managers have decided, with the texts as they are now."""
    decided = Ticket.objects.live().filter(reviewed_by__isnull=False).oldest_first()
    rows = decided.values_list("title", "description", "severity")
    return [Sample(title, description, Severity(severity)) for title, description, severity in rows]


def write_predictions(path: Path, samples: Sequence[Sample], predicted: Sequence[Severity]) -> None:
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            rows = csv.writer(file, lineterminator="\n")
            rows.writerow(["title", "label", "predicted"])
            rows.writerows((s.title, s.label, p) for s, p in zip(samples, predicted, strict=True))
    except OSError as error:
        raise CommandError(str(error)) from error
