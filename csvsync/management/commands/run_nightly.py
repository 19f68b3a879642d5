"""`manage.py run_nightly`: the cycle once, for cron."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error
from django.utils.translation import gettext as _

from config.errors import DomainError
from csvsync.cycle import RunResult, run_cycle
from csvsync.errors import CycleRunning
from csvsync.serializers import RunResultSerializer

ALREADY_RUNNING = 75  # EX_TEMPFAIL: trying again later makes sense


class Command(BaseCommand):
    help = (
        "Export approved tickets, have them processed, and import the answer. "
        "Ends with 0 when done, 1 when it failed, 2 on wrong usage, 75 while another cycle runs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print the result as JSON and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            result = run_cycle(None)
        except CycleRunning as error:
            raise CommandError(str(error.message), returncode=ALREADY_RUNNING) from error
        except (DomainError, Error) as error:
            raise CommandError(_("The cycle failed: %(error)s") % {"error": error}, returncode=1) from error
        self.stdout.write(json.dumps(RunResultSerializer(result).data) if options["json"] else _summary(result))


def _summary(result: RunResult) -> str:
    distribution = ", ".join(f"{count} {status}" for status, count in result.distribution.items())
    seconds = (result.finished_at - result.started_at).total_seconds()
    return "\n".join(
        [
            _("Exported:  %(count)d PENDING tickets") % {"count": result.exported},
            _("Processed: %(distribution)s") % {"distribution": distribution},
            _("Imported:  %(updated)d updated, %(skipped)d skipped, %(errors)d errors")
            % {"updated": result.updated, "skipped": result.skipped, "errors": result.errors},
            _("Done in %(seconds).1f s.") % {"seconds": seconds},
        ]
    )
