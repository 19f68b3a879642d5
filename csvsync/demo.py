"""The ledger of runs for demo tickets: what the exchange would have written while their history came about.

Every night there was a cycle, and every upload that the history tells of was an import. Sizes and fingerprints are
those of the files that went to and fro, but the files themselves are not kept. Of tickets and their history this only
reads; the runs are all that it writes.

They are written as rows, past csvsync/runs/ledger.py: that stamps each run with the present and with the process that
works on it, and these runs have long ended.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from config import clock
from config.times import iso
from csvsync.exchange.export import COLUMNS
from csvsync.files.writing import csv_line, file_name
from csvsync.models import Run
from tickets.demo.schedule import NIGHTLY
from tickets.models import HistoryEntry, Ticket
from tickets.workflow import IMPORT_STATUSES, Action, Status

BATCH = 2000
# One night of the demo has failed: the last one that lies so far back and on which nothing was brought back.
FAILED_BEFORE = timedelta(days=5)

# From the beginning of a cycle: when its export was done, when the answer was there, and when that was applied.
EXPORTED, ANSWERED, APPLIED = timedelta(seconds=0.4), timedelta(seconds=2.7), timedelta(seconds=3)
# How long after its last entry an import is done.
ENDED = timedelta(seconds=0.2)

# Tickets with a status each: those of the desk at some moment, of a file, or of what came of a file.
Statuses = dict[UUID, str]


def create_runs() -> int:
    """Cycles with their parts, and uploads, up to now, in a ledger that is empty; how many of both.

    Call inside a transaction, when the tickets and their history are there.
    """
    desk = _Desk()
    runs = [run for moment in desk.moments() for run in _runs_at(moment, desk)]
    Run.objects.bulk_create(runs, batch_size=BATCH)
    return sum(run.cycle_id is None for run in runs)


class _Desk:
    """The desk as it was at each moment of its past, from the first one on.

    What a cycle exported depends on where every ticket stood in that night. Instead of asking the database for each
    night anew, the history is read once, in the order of time, and `statuses` is brought forward from moment to moment.
    """

    def __init__(self) -> None:
        self.now = clock.now()
        self.statuses: Statuses = {}
        self.imported: dict[datetime, Statuses] = defaultdict(dict)
        self.uploaders: dict[datetime, UUID] = {}
        entries = HistoryEntry.objects.order_by("created_at", "version")
        self.entries = list(entries.values_list("created_at", "ticket_id", "to_status", "action", "user_id"))
        for at, ticket, status, action, user in self.entries:
            if action == Action.IMPORTED:
                self.imported[at][ticket] = status
                if user is not None:
                    self.uploaders[at] = user
        # What the line of a file says before and after the ticket's status. Neither changes once a ticket may be sent,
        # so each line is put together only once, however many files it stands in.
        self.lines: dict[UUID, tuple[str, str]] = {}
        for id, number, _status, severity, title, due in Ticket.objects.oldest_first().values_list(*COLUMNS):
            begin, end = csv_line([str(id), number]), csv_line([severity, title, iso(due)])
            self.lines[id] = f"{begin.rstrip('\n')},", f",{end}"
        self.failed_night = self._failed_night()
        self.place = {id: place for place, id in enumerate(self.lines)}

    def moments(self) -> Iterator[datetime]:
        """When something was imported, or was to be, in order.

        At each of them `statuses` are those of the moment at which the file was written that is then answered.
        """
        moments = sorted({*self.nights(), *self.imported})
        entries = iter([*self.entries, (self.now + timedelta(days=1), None, "", "", None)])
        at, ticket, status, *_rest = next(entries)
        for moment in moments:
            written = moment if moment in self.uploaders else moment - APPLIED
            while at < written:
                if ticket:
                    self.statuses[ticket] = status
                at, ticket, status, *_rest = next(entries)
            yield moment

    def nights(self) -> list[datetime]:
        if not self.entries:
            return []
        first = datetime.combine(self.entries[0][0].date(), NIGHTLY, UTC)
        return [first + timedelta(days=days) for days in range((self.now - first).days + 1)]

    def _failed_night(self) -> datetime | None:
        quiet = [night for night in self.nights() if night not in self.imported]
        return max((night for night in quiet if night < self.now - FAILED_BEFORE), default=None)

    def exported(self, status: Status) -> Statuses:
        """The tickets that stand at this status, in the order in which a file names them."""
        found = [ticket for ticket, now in self.statuses.items() if now == status]
        return dict.fromkeys(sorted(found, key=self.place.__getitem__), status.value)

    def fingerprint(self, content: Statuses) -> dict[str, Any]:
        """Size and SHA-256 of the file that says this of these tickets."""
        lines = [csv_line(COLUMNS)]
        for ticket, status in content.items():
            begin, end = self.lines[ticket]
            lines.append(f"{begin}{status}{end}")
        written = "".join(lines).encode()
        return {"size": len(written), "sha256": hashlib.sha256(written).hexdigest()}


def _runs_at(moment: datetime, desk: _Desk) -> list[Run]:
    imported = desk.imported.get(moment, {})
    if uploader := desk.uploaders.get(moment):
        return [_upload(moment, uploader, desk.exported(Status.OPEN) | imported, imported, desk)]
    return _cycle(moment - APPLIED, desk.exported(Status.PENDING), imported, desk)


def _upload(moment: datetime, uploader: UUID, answer: Statuses, imported: Statuses, desk: _Desk) -> Run:
    name = file_name("open_tickets", moment)
    counts = _counts(answer, imported)
    fingerprint = desk.fingerprint(answer)
    started = moment - ENDED
    return _run(
        Run.Kind.IMPORT, started, moment + ENDED, started_by_id=uploader, file_name=name, counts=counts, **fingerprint
    )


def _cycle(began: datetime, exported: Statuses, imported: Statuses, desk: _Desk) -> list[Run]:
    """The cycle and its parts."""
    cycle = _run(Run.Kind.CYCLE, began, began + EXPORTED)
    export = _run(Run.Kind.EXPORT, began, began + EXPORTED, cycle=cycle, file_name=file_name("pending_tickets", began))
    export.counts = {"rows": len(exported)}
    export.size, export.sha256 = desk.fingerprint(exported).values()
    answer = exported | imported
    distribution = {status.value: 0 for status in IMPORT_STATUSES} | Counter(answer.values())
    cycle.counts = {
        "exported": len(exported),
        "distribution": distribution,
        **_counts(answer, imported),
        "unreturned": 0,
    }
    if not exported:
        return [cycle, export]
    process = _run(Run.Kind.PROCESS, began + EXPORTED, began + ANSWERED, cycle=cycle)
    if began + APPLIED == desk.failed_night:
        _fail(cycle, process)
        return [cycle, export, process]
    fingerprint = desk.fingerprint(answer)
    process.size, process.sha256 = fingerprint.values()
    ended = began + APPLIED + ENDED
    take = _run(Run.Kind.IMPORT, began + ANSWERED, ended, cycle=cycle, **fingerprint)
    take.file_name = file_name("processed", take.started_at)
    take.counts = {**_counts(answer, imported), "unreturned": 0}
    cycle.finished_at = cycle.heartbeat_at = ended
    return [cycle, export, process, take]


def _fail(cycle: Run, process: Run) -> None:
    """The external system has kept the cycle waiting too long."""
    seconds = settings.CSV_PROCESSOR_TIMEOUT.total_seconds()
    problem = _("it took longer than %(seconds)d seconds") % {"seconds": seconds}
    cycle.phase, cycle.counts = Run.Phase.PROCESSING, {"exported": cycle.counts["exported"]}
    for run in (cycle, process):
        run.state = Run.State.FAILED
        run.error = _("The external system did not do its part: %(problem)s.") % {"problem": problem}
        run.finished_at = run.heartbeat_at = process.started_at + settings.CSV_PROCESSOR_TIMEOUT


def _counts(answer: Mapping[UUID, str], imported: Mapping[UUID, str]) -> dict[str, int]:
    updated, total = len(imported), len(answer)
    return {"updated": updated, "skipped": total - updated, "errors": 0, "total": total}


def _run(kind: Run.Kind, started: datetime, finished: datetime, **fields: Any) -> Run:
    return Run(
        kind=kind,
        state=Run.State.SUCCEEDED,
        started_at=started,
        finished_at=finished,
        heartbeat_at=finished,
        host="demo",
        pid=1,
        **fields,
    )
