"""What constraints and orders of tickets and their history are made of, in terms that both databases know."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Case, Q, Value, When

from tickets.workflow import MOVES, Severity, Status


class UTCYear(models.Func):
    """The year of a time in UTC, in terms that a check constraint of either database can hold."""

    output_field = models.IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="CAST(substr(%(expressions)s, 1, 4) AS integer)", **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST(EXTRACT(YEAR FROM %(expressions)s AT TIME ZONE 'UTC') AS integer)"
        return self.as_sql(compiler, connection, template=template, **context)


def rank(field: str, levels: type[Severity] | type[Status]) -> Case:
    """Orders a column by the rank of its values."""
    whens = (When(**{field: level}, then=Value(level.rank)) for level in levels)
    return Case(*whens, output_field=models.IntegerField())


def legal_moves() -> Q:
    """The table of moves as a condition on an entry.

    A check that comes out as NULL lets the row in, so columns that may be null are asked for it as well.
    """
    condition = Q()
    for move in MOVES:
        source = Q(from_status=None) if move.source is None else Q(from_status=move.source, from_status__isnull=False)
        condition |= Q(action=move.action) & source & Q(to_status=move.target or move.source)
    return condition


def severity_rank(end: str) -> Case:
    return rank(f"{end}_severity", Severity)
