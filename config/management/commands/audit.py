"""`manage.py audit`: proves that what is stored holds together, and seals it."""

from __future__ import annotations

import json
import time
from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.audit.assistants import Lost
from config.audit.findings import Finding, Scope, in_words
from tickets.audit.results import carry_out, processes_worth_having
from tickets.audit.sealing import Seal

MOST_PROCESSES = 16


def _seal(text: str) -> str:
    """The seal as it is written. Raises ArgumentTypeError, whose words the command prints, for what is none."""
    try:
        return str(Seal.parse(text))
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no seal. Give the whole line that `audit --seal` printed.") from error


def _processes(text: str) -> int:
    """How many processes are wanted. Raises ArgumentTypeError for what is no such number."""
    if not text.isdecimal() or not 1 <= int(text) <= MOST_PROCESSES:
        raise ArgumentTypeError(f"{text!r}; write a whole number from 1 to {MOST_PROCESSES}.")
    return int(text)


class Command(BaseCommand):
    help = (
        "Compare tickets, history and all that follows from them with one another, and say what is wrong. "
        "Ends with 0 where nothing is, 1 where something is, 2 on wrong usage, 3 where not all could be looked at."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--ticket", metavar="TKT-…", help="audit this one alone")
        parser.add_argument(
            "--seal", action="store_true", help="print one line that stands for all of it, to be kept elsewhere"
        )
        parser.add_argument("--since", metavar="SEAL", type=_seal, help="what was sealed must be as it was then")
        parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
        parser.add_argument(
            "--processes",
            type=_processes,
            metavar="N",
            help="use so many; as many as there are processors, up to four, where this is left out and it is worth it",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["ticket"] and (options["seal"] or options["since"]):
            raise CommandError("A seal is one of all tickets: leave --ticket out.", returncode=2)
        scope, began, found = _scope(**options), time.monotonic(), list[Finding]()
        # A seal stands alone on standard output, so that it can be led into a file.
        aside = self.stderr if options["seal"] else self.stdout
        try:
            audit = carry_out(scope, found.append if options["json"] else lambda finding: aside.write(str(finding)))
        except Lost as error:
            raise CommandError(str(error), returncode=3) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(found, scope)))
        else:
            aside.write(f"Looked at {in_words(scope.looked_at)} in {_took(scope, time.monotonic() - began)}.")
            if scope.seal:
                self.stdout.write(scope.seal)
        if audit.found:
            raise CommandError("1 finding." if audit.found == 1 else f"{audit.found} findings.", returncode=1)
        if not options["json"]:
            aside.write("Nothing is wrong.")


def _scope(*, ticket: str | None, since: str | None, seal: bool, processes: int | None, **_: Any) -> Scope:
    if processes is None:
        processes = processes_worth_having()
    return Scope(ticket=ticket, since=since, wants_seal=seal, processes=processes)


def _took(scope: Scope, seconds: float) -> str:
    took = f"{seconds:.1f} s"
    return f"{took}, by {len(scope.assistants) + 1} processes" if scope.assistants else took


def _as_json(found: list[Finding], scope: Scope) -> dict[str, Any]:
    return {
        "findings": [{"subject": one.subject, "problem": one.problem, "advice": one.advice} for one in found],
        "lookedAt": scope.looked_at,
        "seal": scope.seal,
    }
