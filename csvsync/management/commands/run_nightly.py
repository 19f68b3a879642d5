"""`manage.py run_nightly`: the cycle once, for cron."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.errors import DomainError
from config.masking.addresses import masked
from csvsync.api.serializers import RunResultSerializer
from csvsync.errors import CycleRunning
from csvsync.exchange.cycle import SIMULATED, RunResult, dry_run_cycle, run_cycle
from csvsync.runs.ledger import key_of_cycle

ALREADY_RUNNING = 75  # EX_TEMPFAIL: trying again later makes sense


class Command(BaseCommand):
    # They would ask the database, and one that does not answer has to be reported by the cycle, with its notices.
    requires_system_checks = []
    help = (
        "Export approved tickets, have them processed, and import the answer. "
        "Ends with 0 when done, 1 when it failed, 2 on wrong usage, 75 while another cycle runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")
        parser.add_argument(
            "--dry-run", action="store_true", help="tell what would happen; change nothing and send nothing"
        )
        parser.add_argument(
            "--key",
            type=key_of_cycle,
            help="a name for this cycle, such as the date: one that has succeeded is not run again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["dry_run"]:
                result = dry_run_cycle(self.show_progress)
            else:
                result = run_cycle(None, key=options["key"], progress=self.show_progress)
        except CycleRunning as error:
            raise CommandError(str(error.message), returncode=ALREADY_RUNNING) from error
        except (DomainError, Error, OSError) as error:
            raise CommandError(
                _("The cycle failed: %(error)s") % {"error": masked(str(error))}, returncode=1
            ) from error
        finally:
            self.show_progress("")
        if options["json"]:
            self.stdout.write(json.dumps(RunResultSerializer(result).data))
        elif result.was_done:
            done = _(
                "This was done already, at %(time)s UTC, and nothing was done now: --key %(key)s names that cycle."
            )
            self.stdout.write(done % {"time": f"{result.finished_at:%Y-%m-%d %H:%M:%S}", "key": options["key"].key})
        else:
            self.stdout.write(_summary(result, dry_run=options["dry_run"]))

    def show_progress(self, words: str) -> None:
        """On a terminal, one line that is written over; a log has its own lines."""
        if self.stderr.isatty():
            self.stderr.write(f"\r\x1b[K{words}", ending="", style_func=str)
            self.stderr.flush()


def _summary(result: RunResult, *, dry_run: bool) -> str:
    distribution = ", ".join(f"{count} {status}" for status, count in result.distribution.items())
    seconds = (result.finished_at - result.started_at).total_seconds()
    lines = [
        _("Exported:  %(count)d PENDING tickets") % {"count": result.exported},
        _("Processed: %(distribution)s") % {"distribution": distribution},
        _("Imported:  %(updated)d updated, %(skipped)d skipped, %(errors)d errors")
        % {"updated": result.updated, "skipped": result.skipped, "errors": result.errors},
    ]
    if result.unreturned:
        text = ngettext(
            "Missing:   %(count)d exported ticket did not come back",
            "Missing:   %(count)d exported tickets did not come back",
            result.unreturned,
        )
        lines.append(text % {"count": result.unreturned})
    if dry_run and settings.CSV_PROCESSOR != SIMULATED:
        lines[1:] = [_("The external system is not asked in a dry run.")]
    lines.append(
        _("Nothing was changed.") if dry_run else _("Done in %(seconds).1f s.") % {"seconds": seconds},
    )
    return "\n".join(lines)
