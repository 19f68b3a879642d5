"""Where an import is judged: two temporary tables and the statements that fill them.

All work on rows is the database's, in a fixed number of statements, so that a million rows cost no memory here. The
statements are the same on both databases wherever that is possible. Everything happens in the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import batched
from typing import NamedTuple

from django.db import connection

from csvsync.verdicts import Judged, Verdict
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

# Numbers never change, so they can be turned into ids before anything is locked. In most files no row needs it.
RESOLVE_NUMBERS = """
UPDATE csvsync_staged SET ticket_id = found.id
FROM {tickets} AS found
WHERE csvsync_staged.ticket_id IS NULL AND csvsync_staged.verdict IS NULL
    AND found.ticket_number = csvsync_staged.number
"""

# One order for all, so that two imports wait for each other rather than deadlock; the strength of an UPDATE, so that
# history entries, which refer to tickets, can be added meanwhile. SQLite's transaction holds the only write lock.
LOCK_TICKETS = """
SELECT count(*) FROM (
    SELECT id FROM {tickets}
    WHERE id IN (SELECT ticket_id FROM csvsync_staged WHERE verdict IS NULL)
    ORDER BY id
    FOR NO KEY UPDATE
) AS locked
"""

# The table of the contract, from top to bottom. `found` holds what a row says by itself and about its ticket;
# the window looks only at the rows of one ticket which no earlier line has caught.
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
        SELECT staged.line, staged.ticket, staged.note, staged.to_status,
            live.id AS ticket_id, live.ticket_number AS number, live.status AS from_status,
            CASE
                WHEN staged.verdict IS NOT NULL THEN staged.verdict
                WHEN live.id IS NULL THEN '{unknown_ticket}'
                WHEN staged.number <> live.ticket_number THEN '{ticket_mismatch}'
            END AS verdict
        FROM csvsync_staged AS staged
        LEFT JOIN {tickets} AS live ON live.id = staged.ticket_id AND live.deleted_at IS NULL
    ) AS found
    WINDOW same_ticket AS (PARTITION BY CASE WHEN verdict IS NULL THEN ticket_id END)
) AS weighed
"""

COUNT_VERDICTS = "SELECT verdict, count(*) FROM csvsync_judged GROUP BY verdict"

FIRST_ERRORS = """
SELECT line, ticket, verdict, note, to_status, number, from_status FROM csvsync_judged
WHERE verdict NOT IN ('{skipped}', '{updated}')
ORDER BY line LIMIT %s
"""

MOVES = "(SELECT ticket_id, from_status, to_status FROM csvsync_judged WHERE verdict = '{updated}')"

DROP = ("DROP TABLE csvsync_judged", "DROP TABLE csvsync_staged")


def stage(rows: Iterator[StagedRow]) -> None:
    """Fill the first table."""
    _execute(CREATE_STAGED)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(COPY_STAGED) as copy:
                for row in rows:
                    copy.write_row(row)
            # Nobody gathers statistics of temporary tables by himself, and without them joins are planned badly.
            cursor.execute("ANALYZE csvsync_staged")
        else:
            for batch in batched(rows, SQLITE_BATCH):
                cursor.executemany(INSERT_STAGED, batch)


def judge() -> dict[Verdict, int]:
    """Lock the tickets of the staged rows, judge each row, and count the verdicts."""
    _execute(RESOLVE_NUMBERS)
    if connection.vendor == "postgresql":
        _execute(LOCK_TICKETS)
    _execute(JUDGE)
    if connection.vendor == "postgresql":
        _execute("ANALYZE csvsync_judged")
    with connection.cursor() as cursor:
        cursor.execute(COUNT_VERDICTS)
        return {Verdict(verdict): count for verdict, count in cursor.fetchall()}


def first_errors(limit: int) -> list[Judged]:
    """The errors that stand first in the file."""
    with connection.cursor() as cursor:
        cursor.execute(_sql(FIRST_ERRORS), [limit])
        return [Judged(line, ticket, Verdict(verdict), *rest) for line, ticket, verdict, *rest in cursor.fetchall()]


def moves() -> str:
    """The relation of the moves to make, for tickets.actions.apply_imported_statuses."""
    return _sql(MOVES)


def clear() -> None:
    """Remove the tables, so that the transaction can stage another file. A rollback removes them by itself."""
    for statement in DROP:
        _execute(statement)


def _execute(template: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_sql(template))


def _sql(template: str) -> str:
    """A statement with the names that the other apps decide, and what the two databases spell differently."""
    on_postgresql = connection.vendor == "postgresql"
    moves = sorted(f"from_status = '{source}' AND to_status = '{target}'" for source, target in IMPORT_MOVES)
    return template.format(
        tickets=Ticket._meta.db_table,
        legal_move=" OR ".join(moves),
        uuid="uuid" if on_postgresql else "text",
        for_this_transaction="ON COMMIT DROP" if on_postgresql else "",
        **{verdict.name.lower(): verdict.value for verdict in Verdict},
    )
