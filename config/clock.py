"""The one clock by which things are stamped and compared: the database's.

Several machines serve one desk, and their clocks differ. A process that compared its own clock with times that another
machine has written would take processes that live for dead ones, and miss changes. SQLite is on one machine and uses
its clock.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import DateTimeField, DurationField, Func, Value
from django.utils import timezone

# When the database began with the present statement, and so the same in all of it; transactions begin long before.
PRESENT = "date_trunc('milliseconds', statement_timestamp())"

# A change carries a time before its commit: what is this much older than the newest that one has seen may still appear
# behind it. docs/api.md names it to clients.
LONGEST_TRANSACTION = timedelta(minutes=10)

BEGINNING = datetime.fromtimestamp(0, UTC)


class Present(Func):
    """The present as a query reads it, cut to milliseconds, or a moment that lies `shift` after that.

    It is never earlier than `not_before`, should the clock be set back. Where it is to be the time of a change, the row
    must have been locked before: a statement that has to wait has read the clock already. Wherever it stands in a
    statement it is the same; on SQLite, which has no such time, it is read when this is made.
    """

    output_field = DateTimeField()

    def __init__(self, shift: timedelta = timedelta(0), *, not_before: datetime = BEGINNING) -> None:
        self.moment = max(_of_this_machine() + shift, not_before)
        super().__init__(Value(shift, DurationField()), Value(not_before, DateTimeField()))

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = f"GREATEST({PRESENT} + %(expressions)s)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return "%s", [connection.ops.adapt_datetimefield_value(self.moment)]


def now() -> datetime:
    """The present in UTC, cut to the milliseconds that clients see. A query on PostgreSQL."""
    if connection.vendor != "postgresql":
        return _of_this_machine()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {PRESENT}")
        [moment] = cursor.fetchone()
    return moment.astimezone(UTC)  # type: ignore[no-any-return]  # a datetime, by the statement


def settled() -> datetime:
    """A moment up to which everything is there to be seen that will ever be dated so; ask before you look.

    It is the present, unless somebody is writing: then it lies before their transaction, though by no more than
    LONGEST_TRANSACTION.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_SETTLED, [LONGEST_TRANSACTION.total_seconds()])
            [moment] = cursor.fetchone()
        return moment.astimezone(UTC)  # type: ignore[no-any-return]  # a datetime, by the statement
    try:
        with transaction.atomic():  # has the only lock for writing
            return _of_this_machine()
    except OperationalError:
        return _of_this_machine() - LONGEST_TRANSACTION


# Times are cut to milliseconds, so the one in which a transaction began, or will begin, may still get something.
_SETTLED = """
SELECT date_trunc('milliseconds', GREATEST(
    LEAST(statement_timestamp(), MIN(xact_start)), statement_timestamp() - make_interval(secs => %s)
)) - interval '1 millisecond'
FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
"""


def _of_this_machine() -> datetime:
    moment = timezone.now().astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
