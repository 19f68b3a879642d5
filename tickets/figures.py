"""How the desk is doing, in numbers.

Deleted tickets count nowhere. What concerns the past looks back some weeks and not further, along an index on the
time of history entries, so that it costs what has happened lately and not what has ever happened.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.caching import cached_if_slow
from tickets.models import HistoryEntry, Ticket
from tickets.workflow import Action, Severity, Status

WEEKS = 12
STAY_WEEKS = 4

# Ranges of age in words, each with the age at which it begins.
AGES: tuple[tuple[Promise, timedelta], ...] = (
    (_("under a day"), timedelta(0)),
    (_("1 to 7 days"), timedelta(days=1)),
    (_("7 to 30 days"), timedelta(days=7)),
    (_("30 to 90 days"), timedelta(days=30)),
    (_("90 days and more"), timedelta(days=90)),
)


@dataclass(frozen=True, slots=True)
class Week:
    """Tickets created and closed in the week that begins at `begins`, a Monday at midnight UTC."""

    begins: datetime
    created: int
    closed: int


@dataclass(frozen=True, slots=True)
class Stock:
    """Tickets that are in this status now: how severe they are, and how long ago they were created.

    `by_severity` has a count for each level in rank order, `by_age` one for each of AGES; ages of closed tickets are
    not counted.
    """

    status: Status
    by_severity: list[int]
    by_age: list[int]

    @property
    def levels(self) -> list[tuple[Severity, int]]:
        return list(zip(Severity, self.by_severity, strict=True))

    @property
    def total(self) -> int:
        return sum(self.by_severity)


@dataclass(frozen=True, slots=True)
class Stay:
    """How long tickets were in this status before they left it, of the `count` that did so in the last STAY_WEEKS
    weeks.

    Half of them stayed no longer than `median` (between the two in the middle where their number is even), nine in
    ten no longer than `most`. Both are None where none has left. Time in which a ticket was deleted counts as well.
    """

    status: Status
    count: int = 0
    median: timedelta | None = None
    most: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """`weeks` oldest first, the present one last; `stocks` and `stays` in the order of a ticket's life."""

    as_of: datetime
    weeks: list[Week]
    stocks: list[Stock]
    stays: list[Stay]

    @property
    def open_by_age(self) -> list[tuple[Promise, int]]:
        """For each of AGES its words and the number of tickets that are not closed."""
        return [(AGES[i][0], sum(stock.by_age[i] for stock in self.stocks)) for i in range(len(AGES))]

    @property
    def total(self) -> int:
        return sum(stock.total for stock in self.stocks)

    @property
    def levels(self) -> list[Severity]:
        return list(Severity)

    @property
    def most_of_an_age(self) -> int:
        return max(count for _words, count in self.open_by_age)

    @property
    def most_of_a_severity(self) -> int:
        return max(max(stock.by_severity) for stock in self.stocks)

    @property
    def longest_stay(self) -> timedelta | None:
        return max((stay.most for stay in self.stays if stay.most is not None), default=None)


def measure_desk() -> Figures:
    """The figures as of now, or of a moment ago where measuring takes long (config/caching.py). Three queries."""
    return cached_if_slow("tickets.figures", _measure)


def _measure() -> Figures:
    now = timezone.now()
    return Figures(as_of=now, weeks=count_weeks(now), stocks=count_stocks(now), stays=measure_stays(now))


def count_weeks(now: datetime) -> list[Week]:
    """What was created and closed in the last WEEKS weeks, of which the present one is the last."""
    begins = [_monday(now) - timedelta(weeks=back) for back in range(WEEKS)]
    entries = HistoryEntry.objects.of_live_tickets().made_since(begins[-1]).creations_and_closings()
    week = _first_that_holds([Q(created_at__gte=monday) for monday in begins])
    rows = entries.annotate(week=week).order_by().values_list("week", "action")
    counts = {(week, action): count for week, action, count in rows.annotate(count=Count("*"))}
    return [
        Week(begins[i], counts.get((i, Action.CREATED), 0), counts.get((i, Action.IMPORTED), 0))
        for i in reversed(range(WEEKS))
    ]


def count_stocks(now: datetime) -> list[Stock]:
    """What stands in each status."""
    age = _first_that_holds([Q(created_at__gt=now - limit) for _words, limit in AGES[1:]])
    rows = Ticket.objects.live().annotate(age=age).order_by().values_list("status", "severity", "age")
    severities: Counter[tuple[str, str]] = Counter()
    ages: Counter[tuple[str, int]] = Counter()
    for status, severity, number, count in rows.annotate(count=Count("*")):
        severities[status, severity] += count
        ages[status, number] += count * (status != Status.CLOSED)
    return [
        Stock(
            status,
            [severities[status, level] for level in Severity],
            [ages[status, number] for number in range(len(AGES))],
        )
        for status in Status
    ]


def measure_stays(now: datetime) -> list[Stay]:
    """How long tickets stayed in each status that one can leave."""
    with connection.cursor() as cursor:
        since = connection.ops.adapt_datetimefield_value(now - timedelta(weeks=STAY_WEEKS))
        cursor.execute(_STAYS.format(milliseconds=_MILLISECONDS[connection.vendor]), [since])
        rows = cursor.fetchall()
    found: dict[str, dict[int, int]] = {}
    counts: dict[str, int] = {}
    for status, count, place, milliseconds in rows:
        found.setdefault(status, {})[place] = milliseconds
        counts[status] = count
    left = [status for status in Status if status is not Status.CLOSED]
    return [_stay(status, counts[status], found[status]) if status in counts else Stay(status) for status in left]


def _stay(status: Status, count: int, places: dict[int, int]) -> Stay:
    """`places` has, of the stays in ascending order, those in the middle and the one that nine in ten do not pass."""
    middle = (places[(count + 1) // 2] + places[(count + 2) // 2]) / 2
    most = places[(9 * count + 9) // 10]
    return Stay(status, count, timedelta(milliseconds=middle), timedelta(milliseconds=most))


def _monday(moment: datetime) -> datetime:
    day = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def _first_that_holds(conditions: list[Q]) -> Case:
    """The index of the first condition that holds, or their number where none does.

    Comparing is what both databases do quickly; cutting times down to weeks is done row by row in Python on SQLite.
    """
    whens = [When(condition, then=Value(i)) for i, condition in enumerate(conditions)]
    return Case(*whens, default=Value(len(conditions)), output_field=IntegerField())


# Of each status: the stays in the middle, and the one that nine in ten do not pass. Entries that leave the status as
# it is (a deletion, a restoration) neither begin nor end a stay.
_STAYS = """
    WITH stay AS (
        SELECT from_status AS status, {milliseconds} AS milliseconds
        FROM (
            SELECT leaving.from_status, leaving.created_at AS left_at, (
                SELECT entering.created_at FROM tickets_historyentry AS entering
                WHERE entering.ticket_id = leaving.ticket_id AND entering.version < leaving.version
                    AND (entering.from_status IS NULL OR entering.from_status <> entering.to_status)
                ORDER BY entering.version DESC LIMIT 1
            ) AS entered_at
            FROM tickets_historyentry AS leaving JOIN tickets_ticket AS ticket ON ticket.id = leaving.ticket_id
            WHERE leaving.created_at >= %s AND leaving.from_status <> leaving.to_status AND ticket.deleted_at IS NULL
        ) AS moved
    ), placed AS (
        SELECT status, milliseconds, COUNT(*) OVER (PARTITION BY status) AS stays,
            ROW_NUMBER() OVER (PARTITION BY status ORDER BY milliseconds) AS place
        FROM stay
    )
    SELECT status, stays, place, milliseconds FROM placed
    WHERE place IN ((stays + 1) / 2, (stays + 2) / 2, (9 * stays + 9) / 10)
"""

_MILLISECONDS = {
    "postgresql": "CAST(ROUND(EXTRACT(EPOCH FROM left_at - entered_at) * 1000) AS bigint)",
    "sqlite": "CAST(ROUND((julianday(left_at) - julianday(entered_at)) * 86400000) AS integer)",
}
