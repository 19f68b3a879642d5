"""What the contract says of CSV: how each row of an import is judged, and what the external system answers."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass

from tests.stateful.contract import Desk, Person, Ticket

HEADER = "id,ticket_number,status"
MOVES = {("PENDING", "OPEN"), ("PENDING", "CLOSED"), ("OPEN", "CLOSED")}


@dataclass(frozen=True)
class Row:
    """`is_short` leaves the last cell away."""

    id: str
    number: str
    status: str
    is_short: bool = False

    @property
    def line(self) -> str:
        return ",".join([self.id, self.number, self.status][: 2 if self.is_short else 3])

    @property
    def key(self) -> str | None:
        """As the report names the ticket."""
        return self.id.strip() or self.number.strip() or None


@dataclass
class Report:
    verdicts: list[str]

    def counts(self) -> dict[str, int]:
        found = Counter(self.verdicts)
        updated, skipped = found["updated"], found["skipped"]
        total = len(self.verdicts)
        return {
            "updatedCount": updated,
            "skippedCount": skipped,
            "errorsCount": total - updated - skipped,
            "totalRows": total,
        }

    def errors(self) -> list[tuple[int, str]]:
        """Line of the file, and code."""
        numbered = enumerate(self.verdicts, start=2)
        return [(line, verdict) for line, verdict in numbered if verdict not in ("updated", "skipped")]


def text_of(rows: list[Row]) -> bytes:
    return "\n".join([HEADER, *(row.line for row in rows), ""]).encode()


def import_rows(desk: Desk, rows: list[Row], by: Person | None, *, dry_run: bool = False) -> Report:
    """Judge the rows, and apply what holds unless it is a dry run."""
    named = [_ticket_of(desk, row) for row in rows]
    verdicts = [_caught_by_itself(ticket, row) for ticket, row in zip(named, rows, strict=True)]
    wanted: dict[str, set[str]] = {}
    for ticket, row, verdict in zip(named, rows, verdicts, strict=True):
        if ticket and not verdict:
            wanted.setdefault(ticket.id, set()).add(_status(row))
    moved: dict[str, str] = {}
    for at, (ticket, row) in enumerate(zip(named, rows, strict=True)):
        if ticket and not verdicts[at]:
            verdicts[at] = _caught_among_others(ticket, _status(row), wanted[ticket.id], moved)
    if not dry_run:
        for id, status in moved.items():
            desk.imported(desk.tickets[id], status, by)
    return Report(verdicts)


def _status(row: Row) -> str:
    return row.status.strip().upper()


def _ticket_of(desk: Desk, row: Row) -> Ticket | None:
    """The live ticket that the row is about."""
    id, number = row.id.strip().lower(), row.number.strip().upper()
    found = desk.tickets.get(id) if id else desk.numbered(number)
    return found if found and found.deleter is None else None


def _caught_by_itself(ticket: Ticket | None, row: Row) -> str:
    if row.is_short or row.key is None:
        return "unreadable_row"
    if _status(row) not in ("PENDING", "OPEN", "CLOSED"):
        return "unknown_status"
    if ticket is None:
        return "unknown_ticket"
    if row.id.strip() and row.number.strip() and row.number.strip().upper() != ticket.number:
        return "ticket_mismatch"
    return ""


def _caught_among_others(ticket: Ticket, status: str, wanted: set[str], moved: dict[str, str]) -> str:
    if len(wanted) > 1:
        return "contradictory_rows"
    if ticket.status == status:
        return "skipped"
    if (ticket.status, status) not in MOVES:
        return "illegal_move"
    if ticket.id in moved:
        return "skipped"
    moved[ticket.id] = status
    return "updated"


def ranked(keys: list[str]) -> dict[str, str]:
    """What the external system makes of these tickets: a third each, by the SHA-256 of their keys."""
    order = sorted(keys, key=lambda key: hashlib.sha256(key.encode()).digest())
    third = len(order) // 3
    statuses = ["PENDING"] * third + ["OPEN"] * third + ["CLOSED"] * (len(order) - 2 * third)
    return dict(zip(order, statuses, strict=True))


def export(desk: Desk, status: str = "PENDING") -> list[Ticket]:
    return [ticket for ticket in desk.live() if ticket.status == status]


def run_cycle(desk: Desk, by: Person | None) -> dict[str, object]:
    """Export, process, import; the result without its times."""
    statuses = ranked([ticket.id for ticket in export(desk)])
    report = import_rows(desk, [Row(id, "", status) for id, status in statuses.items()], by)
    found = Counter(statuses.values())
    return {
        "exportedCount": len(statuses),
        "processedDistribution": {status: found[status] for status in ("PENDING", "OPEN", "CLOSED")},
        "importResult": report.counts(),
    }
