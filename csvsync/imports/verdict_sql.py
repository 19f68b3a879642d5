"""The SQL that gives each row of a file its verdict.

The rows are copied into a temporary table (`csvsync_staged`), and one statement joins them with the tickets and judges
them into a second one (`csvsync_judged`), from which errors, counts and moves are read. The plain way, which asks for
each row's ticket and remembers in Python what earlier rows have said about it, would need a million queries for a
million rows, or all of them in memory. Here the number of statements is fixed and no row stays in memory.

The statements are the same on both databases wherever that is possible. Everything happens in the caller's transaction,
and the tables end with it, so a pooler may give the connection to somebody else afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import Any, NamedTuple

from django.db import connection

from csvsync.models import Run
from csvsync.verdicts import NOT_EXPORTED, Judged, Verdict
from tickets.models import Ticket
from tickets.workflow import IMPORT_MOVES

SQLITE_BATCH = 1000


class StagedRow(NamedTuple):
    """A row of the file. `verdict` is set where the file alone decides it; the rest is looked up in the database.

    Which ticket it means is said by `ticket_id`, and by `number` where there is no id; beside an id, `number` is to be
    that ticket's.
    """

    line: int
    ticket: str | None
    ticket_id: str | None
    number: str | None
    to_status: str | None
    verdict: Verdict | None
    note: str | None


CREATE_STAGED = """
CREATE TEMPORARY TABLE csvsync_staged (
    line bigint NOT NULL,
    ticket text,
    ticket_id {uuid},
    number text,
    to_status text,
    verdict text,
    note text
) {for_this_transaction}
"""

COPY_STAGED = "COPY csvsync_staged FROM STDIN"
# Django keeps ids without hyphens where the database has no type for them.
INSERT_STAGED = "INSERT INTO csvsync_staged VALUES (%s, %s, replace(%s, '-', ''), %s, %s, %s, %s)"

CREATE_DAMAGED = "CREATE TEMPORARY TABLE csvsync_damaged (line bigint NOT NULL, note text) {for_this_transaction}"
COPY_DAMAGED = "COPY csvsync_damaged FROM STDIN"
INSERT_DAMAGED = "INSERT INTO csvsync_damaged VALUES (%s, %s)"
MARK_DAMAGED = """
UPDATE csvsync_staged SET verdict = '{unreadable_row}', note = damaged.note, to_status = NULL
FROM csvsync_damaged AS damaged WHERE csvsync_staged.line = damaged.line
"""

# A ticket number never changes its ticket, so numbers can be turned into ids before anything is locked. In most files
# every row has an id, and this finds nothing to do. A join on `id OR number` could not be hashed, and so be slow for
# all.
RESOLVE_NUMBERS = """
UPDATE csvsync_staged SET ticket_id = found.id
FROM {tickets} AS found
WHERE csvsync_staged.ticket_id IS NULL AND csvsync_staged.verdict IS NULL
    AND found.ticket_number = csvsync_staged.number
"""

# Only one import judges and applies at a time. Two that locked their tickets row by row could each wait for a row of
# the other. And since nothing but an import moves tickets that an import may move, what was judged under this lock
# still holds when it is applied, without a lock on each of a million tickets. The lock ends with the transaction, so it
# works behind a pooler, where one of the session would be left to a stranger. SQLite's transaction holds the only write
# lock.
LOCK_IMPORTS = "SELECT pg_advisory_xact_lock(hashtext('csvsync_import'))"
# Rows of a million tickets are sorted; by default that happens on the disk.
SORT_IN_MEMORY = "SET LOCAL work_mem = '64MB'"

CREATE_EXPORTED = "CREATE TEMPORARY TABLE csvsync_exported (ticket_id {uuid}) {for_this_transaction}"
COPY_EXPORTED = "COPY csvsync_exported FROM STDIN"
INSERT_EXPORTED = "INSERT INTO csvsync_exported VALUES (replace(%s, '-', ''))"

# The table of docs and contract, "each row is judged by the first line that fits", from the inside out:
# - `found` joins each row with its ticket. Its CASE has the lines that one row alone decides: unreadable and unknown
#   status (staged with their verdict), unknown ticket, mismatch.
# - `weighed` looks at all rows of a ticket together. Rows that have a verdict already must not count there, or a row
#   that is wrong by itself would make good ones contradictory. So they get the partition NULL instead of their
#   ticket's: what the window says of that one is not used, since the outer CASE takes the verdict first. A window costs
#   one sort; joining the table with itself would cost two more scans, and for a file about one single ticket a row each
#   for every pair of lines.
# - Two statuses are different when the lowest and the highest differ, which needs no count of distinct values; the
#   databases do not offer that one as a window.
# - Of several equal rows the first is the one that is updated; the later ones find it done and are skipped.
JUDGE = """
CREATE TEMPORARY TABLE csvsync_judged {for_this_transaction} AS
SELECT line, ticket, note, ticket_id, number, from_status, to_status,
    CASE
        WHEN verdict IS NOT NULL THEN verdict
        WHEN lowest <> highest THEN '{contradictory_rows}'
        WHEN to_status = from_status THEN '{skipped}'
        WHEN NOT ({legal_move}) THEN '{illegal_move}'
        WHEN line > first_line THEN '{skipped}'
        ELSE '{updated}'
    END AS verdict
FROM (
    SELECT found.*,
        MIN(to_status) OVER same_ticket AS lowest,
        MAX(to_status) OVER same_ticket AS highest,
        MIN(line) OVER same_ticket AS first_line
    FROM (
        SELECT staged.line, staged.ticket, staged.to_status,
            CASE WHEN staged.verdict IS NULL AND live.id IS NULL THEN {unknown_note} ELSE staged.note END AS note,
            live.id AS ticket_id, live.ticket_number AS number, live.status AS from_status,
            CASE
                WHEN staged.verdict IS NOT NULL THEN staged.verdict
                WHEN live.id IS NULL THEN '{unknown_ticket}'
                WHEN staged.number <> live.ticket_number THEN '{ticket_mismatch}'
            END AS verdict
        FROM csvsync_staged AS staged
        {only_exported}
        LEFT JOIN {tickets} AS live ON live.id = {asked}.ticket_id AND live.deleted_at IS NULL
    ) AS found
    WINDOW same_ticket AS (PARTITION BY CASE WHEN verdict IS NULL THEN ticket_id END)
) AS weighed
"""

JOIN_EXPORTED = "LEFT JOIN csvsync_exported AS exported ON exported.ticket_id = staged.ticket_id"

COUNT_VERDICTS = "SELECT verdict, count(*) FROM csvsync_judged GROUP BY verdict"

FIRST_ERRORS = """
SELECT line, ticket, verdict, note, to_status, number, from_status FROM csvsync_judged
WHERE verdict NOT IN ('{skipped}', '{updated}')
ORDER BY line LIMIT {limit}
"""

MOVES = "(SELECT ticket_id, from_status, to_status FROM csvsync_judged WHERE verdict = '{updated}')"

COUNT_STATUSES = "SELECT to_status, count(*) FROM csvsync_staged WHERE to_status IS NOT NULL GROUP BY to_status"

# However wrong a file is, no more is kept of it than people can use. The rest is counted.
ERRORS_KEPT = 10_000
LAST_KEPT_ERROR = """
SELECT line FROM csvsync_judged WHERE verdict NOT IN ('{skipped}', '{updated}')
ORDER BY line LIMIT 1 OFFSET {offset}
"""
RECORD = """
INSERT INTO csvsync_rowerror (run_id, row, ticket, verdict, note, to_status, number, from_status)
SELECT {run}, line, ticket, verdict, note, to_status, number, from_status FROM csvsync_judged WHERE {which}
"""
ERRORS_UP_TO = "verdict NOT IN ('{skipped}', '{updated}') AND line <= {line}"
NO_ERRORS_OR = "verdict IN ('{skipped}', '{updated}') OR "
ANY_LINE = "9223372036854775807"

RECORD_UNRETURNED = """
INSERT INTO csvsync_unreturned (run_id, ticket_id)
SELECT {run}, ticket_id FROM (
    SELECT ticket_id FROM csvsync_exported EXCEPT SELECT ticket_id FROM csvsync_staged WHERE verdict IS NULL
) AS missing
"""

CHANGED = """
FROM csvsync_judged AS now JOIN csvsync_rowerror AS before ON before.run_id = {run} AND before.row = now.line
WHERE before.verdict <> now.verdict
"""
COUNT_CHANGED = "SELECT count(*)" + CHANGED
FIRST_CHANGED = "SELECT now.line, now.ticket, before.verdict, now.verdict" + CHANGED + "ORDER BY now.line LIMIT {limit}"

DROP = (
    "DROP TABLE IF EXISTS csvsync_judged",
    "DROP TABLE csvsync_staged",
    "DROP TABLE IF EXISTS csvsync_exported",
    "DROP TABLE IF EXISTS csvsync_damaged",
)


class Changed(NamedTuple):
    """A row that is judged otherwise than in the dry run of the file."""

    row: int
    ticket: str | None
    before: Verdict
    now: Verdict


def stage(rows: Iterator[StagedRow]) -> None:
    """Copy the rows of the file into the database."""
    _execute(CREATE_STAGED)
    _fill(rows, COPY_STAGED, INSERT_STAGED)
    if connection.vendor == "postgresql":
        # PostgreSQL's own collector cannot see temporary tables, and without statistics it plans joins badly.
        _execute("ANALYZE csvsync_staged")


def mark_unreadable(batches: Iterable[Sequence[tuple[int, str]]]) -> None:
    """Say of rows, by their lines, that they are unreadable after all, each with its note."""
    created = False
    for batch in batches:
        if not created:
            _execute(CREATE_DAMAGED)
            created = True
        _fill(iter(batch), COPY_DAMAGED, INSERT_DAMAGED)
    if created:
        if connection.vendor == "postgresql":
            _execute("ANALYZE csvsync_damaged")
        _execute(MARK_DAMAGED)


def stage_exported(ids: Iterator[tuple[str]]) -> None:
    """Say which tickets the file may be about; without this, all."""
    _execute(CREATE_EXPORTED)
    _fill(ids, COPY_EXPORTED, INSERT_EXPORTED)
    if connection.vendor == "postgresql":
        _execute("ANALYZE csvsync_exported")


def judge(*, only_exported: bool, to_apply: bool) -> dict[Verdict, int]:
    """Judge each staged row, and count the verdicts; `to_apply` makes other imports wait for this transaction's end."""
    _execute(RESOLVE_NUMBERS)
    if connection.vendor == "postgresql":
        _execute(SORT_IN_MEMORY)
        if to_apply:
            _execute(LOCK_IMPORTS)
    restriction = {
        "only_exported": JOIN_EXPORTED if only_exported else "",
        "asked": "exported" if only_exported else "staged",
        "unknown_note": f"'{NOT_EXPORTED}'" if only_exported else "NULL",
    }
    _execute(JUDGE, **restriction)
    if connection.vendor == "postgresql":
        _execute("ANALYZE csvsync_judged")
    return {Verdict(verdict): count for verdict, count in _rows(COUNT_VERDICTS)}


def first_errors(limit: int) -> list[Judged]:
    """The errors that stand first in the file."""
    found = _rows(FIRST_ERRORS, limit=str(limit))
    return [Judged(line, ticket, Verdict(verdict), *rest) for line, ticket, verdict, *rest in found]


def distribution() -> dict[str, int]:
    """How many rows that can be read say which status."""
    return dict(_rows(COUNT_STATUSES))


def record(run: Run, *, whole: bool) -> None:
    """Keep what was said about rows: about the first ERRORS_KEPT wrong ones, and about all others where it is whole."""
    last = _rows(LAST_KEPT_ERROR, offset=str(ERRORS_KEPT - 1))
    errors = _sql(ERRORS_UP_TO, line=str(last[0][0]) if last else ANY_LINE)
    _execute(RECORD, run=_literal(run), which=_sql(NO_ERRORS_OR) + errors if whole else errors)


def record_unreturned(run: Run) -> int:
    """Keep which exported tickets no row names that can be read; their number."""
    return _execute(RECORD_UNRETURNED, run=_literal(run))


def changed_since(dry_run: Run, limit: int) -> tuple[int, list[Changed]]:
    """How many rows are judged otherwise than in that dry run of the same file, and the first of them."""
    [(count,)] = _rows(COUNT_CHANGED, run=_literal(dry_run))
    found = _rows(FIRST_CHANGED, run=_literal(dry_run), limit=str(limit)) if count else []
    return count, [Changed(row, ticket, Verdict(before), Verdict(now)) for row, ticket, before, now in found]


def moves() -> str:
    """The relation of the moves to make, for tickets.actions.apply_imported_statuses."""
    return _sql(MOVES)


def clear() -> None:
    """Remove the tables, so that the transaction can stage another file. A rollback removes them by itself."""
    for statement in DROP:
        _execute(statement)


def _fill(rows: Iterator[tuple[Any, ...]], copying: str, inserting: str) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(copying) as copy:
                write = copy.write_row
                for row in rows:
                    write(row)
        else:
            for batch in batched(rows, SQLITE_BATCH):
                cursor.executemany(inserting, batch)


def _execute(template: str, **parts: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_sql(template, **parts))
        return int(cursor.rowcount)


def _rows(template: str, **parts: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(_sql(template, **parts))
        return list(cursor.fetchall())


def _literal(run: Run) -> str:
    """The id of a run as it stands in SQL."""
    return f"'{run.pk}'" if connection.vendor == "postgresql" else f"'{run.pk.hex}'"


def _sql(template: str, **parts: str) -> str:
    """A statement with the names that the other apps decide, and what the two databases spell differently."""
    on_postgresql = connection.vendor == "postgresql"
    legal = sorted(f"from_status = '{source}' AND to_status = '{target}'" for source, target in IMPORT_MOVES)
    return template.format(
        tickets=Ticket._meta.db_table,
        legal_move=" OR ".join(legal),
        uuid="uuid" if on_postgresql else "text",
        for_this_transaction="ON COMMIT DROP" if on_postgresql else "",
        **{verdict.name.lower(): verdict.value for verdict in Verdict},
        **parts,
    )
