"""Telling people of what an import has moved: of all tickets at once, in one statement."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Min
from django.db.models.expressions import RawSQL

from accounts.models import User
from tickets.following.models import FollowChoice
from tickets.following.reading import connected_with
from tickets.inbox.models import ChosenWay, Kind, Told, Way
from tickets.inbox.waking import wake
from tickets.inbox.ways import default_way, mail_due_at
from tickets.models import HistoryEntry, Ticket


def tell_of_moves(moves: str, user: User | None, at: datetime) -> None:
    """Tell who follows these tickets, besides `user`, of their last entries, which are of the time `at`.

    `moves` is as in actions.apply_imported_statuses. Call it when the entries are written.
    """
    people, parameters = _people()
    due, times = _due(at)
    default, actor = default_way(Kind.MOVED).value, _key(user)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {Told._meta.db_table} (
                user_id, ticket_id, entry_id, kind, created_at, is_read, mail_due_at, mail_attempts
            )
            WITH moved AS MATERIALIZED (
                SELECT entry.ticket_id, entry.id AS entry_id, entry.created_at
                FROM {moves} AS moves JOIN {Ticket._meta.db_table} AS ticket ON ticket.id = moves.ticket_id
                    JOIN {HistoryEntry._meta.db_table} AS entry
                        ON entry.ticket_id = ticket.id AND entry.version = ticket.version
            ), people (ticket_id, user_id) AS MATERIALIZED ({people})
            SELECT person.id, moved.ticket_id, moved.entry_id, %s, moved.created_at, FALSE, {due}, 0
            FROM people JOIN moved ON moved.ticket_id = people.ticket_id
                JOIN {User._meta.db_table} AS person ON person.id = people.user_id
                LEFT JOIN {FollowChoice._meta.db_table} AS choice
                    ON choice.ticket_id = people.ticket_id AND choice.user_id = people.user_id AND NOT choice.follows
                LEFT JOIN {ChosenWay._meta.db_table} AS chosen ON chosen.user_id = person.id AND chosen.kind = %s
            WHERE person.is_active AND choice.id IS NULL AND COALESCE(chosen.way, %s) <> %s
                AND (%s IS NULL OR person.id <> %s)
            """,  # noqa: S608  # nosec B608 # the names are the models' and the caller's own
            [*parameters, Kind.MOVED.value, *times, Kind.MOVED.value, default, Way.NOWHERE.value, actor, actor],
        )
    _wake(at)


def _people() -> tuple[str, list[Any]]:
    """SQL for the tickets that were moved, each with everybody who is connected with it."""
    moved = RawSQL("SELECT ticket_id FROM moved", [])  # nosec B611 # there is nothing of anybody's in it
    sql, parameters = connected_with(moved).query.sql_with_params()
    return sql, list(parameters)


def _due(at: datetime) -> tuple[str, list[Any]]:
    """SQL for when `person` gets a mail, by what they have `chosen`."""
    if not settings.HAS_MAIL:
        return "NULL", []
    digests = ChosenWay.objects.filter(kind=Kind.MOVED, way=Way.DIGEST).order_by().values_list("user__time_zone")
    due: list[tuple[str, str | None, datetime | None]] = [(Way.MAIL.value, None, mail_due_at(Way.MAIL, at, ""))]
    due += [(Way.DIGEST.value, zone, mail_due_at(Way.DIGEST, at, zone)) for [zone] in digests.distinct()]
    cases, parameters = "", list[Any]()
    for way, zone, moment in due:
        cases += " WHEN COALESCE(chosen.way, %s) = %s AND COALESCE(%s, person.time_zone) = person.time_zone THEN %s"
        prepared = connection.ops.adapt_datetimefield_value(moment)
        parameters += [default_way(Kind.MOVED).value, way, zone, prepared]
    return f"CASE{cases} END", parameters


def _key(user: User | None) -> Any:
    return None if user is None else User._meta.pk.get_db_prep_value(user.pk, connection)


def _wake(at: datetime) -> None:
    """What is found may be of another transaction as well, which is no reason not to wake."""
    if settings.HAS_MAIL:
        first = Told.objects.filter(kind=Kind.MOVED, mail_due_at__gte=at).aggregate(first=Min("mail_due_at"))["first"]
        if first is not None:
            wake(first)
