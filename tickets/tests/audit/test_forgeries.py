"""Fourteen kinds of forgery by plain SQL, as the owner of the tables with the triggers lifted and put back.

Each is done as well as it can be: what follows from what was changed is changed as well, down to the counts, the
events and what search reads. `plain` says whether an audit without a seal finds it while the hashes are those of
before, `anew` whether it does where all of them were computed anew. With a seal from before all are found.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, NamedTuple

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.support import factories
from tests.support.forgery import compute_all_hashes_anew, moment, refold, renumber_events, sql, triggers_lifted
from tests.support.past_tickets import People, at, closed, deleted, draft, lowered
from tickets.backfill.writing import backfill_tickets
from tickets.models import SealedBlock, Ticket, TicketSequence

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD, FOURTH = (f"TKT-2020-00000{number}" for number in (1, 2, 3, 4))


class Forgery(NamedTuple):
    what: str
    forge: Callable[[People], Any]
    subject: str
    plain: bool = True
    anew: bool = False


def of(number: str, version: int | str = "version") -> str:
    """The condition for a version of a ticket in SQL, or for all of them."""
    return f"ticket_id = (SELECT id FROM tickets_ticket WHERE ticket_number = '{number}') AND version = {version}"


def entry(number: str, version: int, assignments: str, *parameters: Any) -> None:
    sql(f"UPDATE tickets_historyentry SET {assignments} WHERE {of(number, version)}", parameters)


def ticket(number: str, assignments: str, *parameters: Any) -> None:
    sql(f"UPDATE tickets_ticket SET {assignments} WHERE ticket_number = '{number}'", parameters)


def id_of(thing: Any) -> Any:
    field = type(thing)._meta.pk
    return field.get_db_prep_value(thing.pk, connection)


def another_reviewer(people: People) -> None:
    entry(FIRST, 6, "user_id = %s", id_of(people.second))
    ticket(FIRST, "reviewed_by_id = %s", id_of(people.second))


def dated_back(_people: People) -> None:
    entry(FIRST, 6, "created_at = %s", moment(at(5, hour=10)))
    sql(f"UPDATE tickets_event SET at = %s WHERE {of(FIRST, 6)}", [moment(at(5, hour=10))])


def shift(number: str, versions: range, by: int) -> None:
    for version in versions:
        for table in ("tickets_historyentry", "tickets_event"):
            sql(f"UPDATE {table} SET version = version + {by} WHERE {of(number, version)}")


def take_out(number: str, *versions: int) -> None:
    for version in versions:
        for table in ("tickets_historyentry", "tickets_event"):
            sql(f"DELETE FROM {table} WHERE {of(number, version)}")


def pair_taken_out(_people: People) -> None:
    take_out(FIRST, 2, 3)
    shift(FIRST, range(4, 9), -2)
    ticket(FIRST, "version = 6")


def last_taken_off(_people: People) -> None:
    take_out(FIRST, 8)
    ticket(FIRST, "version = 7, status = 'OPEN', updated_at = %s", moment(at(7)))


def put_in(number: str, version: int, day: int, author: Any, action: str, reason: str, **more: str) -> None:
    """An entry of a draft by its author, and its event."""
    names = ", ".join(more)
    values = ", ".join(f"'{value}'" for value in more.values())
    id = id_of(Ticket())
    sql(
        f"INSERT INTO tickets_historyentry (id, ticket_id, version, created_at, user_id, actor_role, action, to_status,"
        f" reason, changes, {names}) SELECT %s, id, {version}, %s, %s, %s, '{action}', 'DRAFT', '{reason}', '{{}}',"
        f" {values} FROM tickets_ticket WHERE ticket_number = '{number}'",
        [id, moment(at(day, hour=11)), id_of(author), author.role],
    )
    sql(
        f"INSERT INTO tickets_event (ticket_id, version, at, position, mark) SELECT id, {version}, %s,"
        f" {5000 + version}, 7 FROM tickets_ticket WHERE ticket_number = '{number}'",
        [moment(at(day, hour=11))],
    )


def pair_put_in(people: People) -> None:
    shift(SECOND, range(3, 1, -1), 2)
    put_in(SECOND, 2, 1, people.manager, "deleted", "soft deleted", from_status="DRAFT")
    put_in(SECOND, 3, 1, people.manager, "restored", "restored", from_status="DRAFT")
    ticket(SECOND, "version = 5")


def status_moved(people: People) -> None:
    ticket(FOURTH, "status = 'PENDING', reviewed_by_id = %s", id_of(people.manager))


def another_title(_people: People) -> None:
    ticket(SECOND, "title = 'Heating'")


def another_severity(_people: People) -> None:
    entry(FOURTH, 1, "to_severity = 'VERY_HIGH'")
    ticket(FOURTH, "severity = 'VERY_HIGH'")


def another_author(people: People) -> None:
    entry(FOURTH, 1, "user_id = %s", id_of(people.other))
    ticket(FOURTH, "created_by_id = %s", id_of(people.other))


def another_due_date(_people: People) -> None:
    ticket(FIRST, "due_date = %s", moment(at(28)))


def removed_whole(_people: People) -> None:
    take_out(FOURTH, 1)
    sql(f"DELETE FROM tickets_tickettext WHERE {of(FOURTH, 1).partition(' AND ')[0]}")
    sql(f"DELETE FROM tickets_ticket WHERE ticket_number = '{FOURTH}'")
    TicketSequence.objects.filter(year=2020).update(last_sequence=3)


def renumbered(_people: People) -> None:
    for number, new, sequence in ((SECOND, "TKT-2020-000009", 9), (THIRD, SECOND, 2), ("TKT-2020-000009", THIRD, 3)):
        ticket(number, f"ticket_number = '{new}', sequence = {sequence}")


def made_up(people: People) -> None:
    """A ticket of an earlier day, with the next number of its year."""
    number = "TKT-2020-000005"
    sql(
        "INSERT INTO tickets_ticket (id, ticket_number, year, sequence, title, description, due_date, severity, status,"
        " created_by_id, created_at, updated_at, version)"
        f" SELECT %s, '{number}', 2020, 5, title, description, due_date, 'LOW', 'DRAFT', %s, %s, %s, 1"
        f" FROM tickets_ticket WHERE ticket_number = '{FOURTH}'",
        [id_of(Ticket()), id_of(people.author), moment(at(21, hour=11)), moment(at(21, hour=11))],
    )
    sql(
        "INSERT INTO tickets_tickettext (ticket_id, text, folding)"
        f" SELECT id, '', 1 FROM tickets_ticket WHERE ticket_number = '{number}'"
    )
    put_in(number, 1, 21, people.author, "created", "created", to_severity="LOW")
    TicketSequence.objects.filter(year=2020).update(last_sequence=5)


def another_reason(_people: People) -> None:
    entry(FIRST, 4, "reason = 'severity changed: One desk waits.'")


FORGERIES = [
    Forgery("another reason", another_reason, FIRST),
    Forgery("another reviewer", another_reviewer, FIRST),
    Forgery("a review dated back", dated_back, FIRST),
    Forgery("a deletion and its undoing taken out", pair_taken_out, FIRST),
    Forgery("the last entry taken off", last_taken_off, FIRST, plain=False),
    Forgery("a deletion and its undoing put in", pair_put_in, SECOND),
    Forgery("another status without an entry", status_moved, FOURTH, anew=True),
    Forgery("another title", another_title, SECOND),
    Forgery("another severity from the beginning", another_severity, FOURTH),
    Forgery("another author", another_author, FOURTH),
    Forgery("another due date", another_due_date, FIRST),
    Forgery("a ticket removed whole", removed_whole, FOURTH, plain=False),
    Forgery("two tickets renumbered", renumbered, SECOND),
    Forgery("a ticket made up and dated back", made_up, "TKT-2020-000005"),
]


def audit(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[str]:
    """The findings of an audit, in words."""
    capsys.readouterr()
    with suppress(CommandError):
        call_command("audit", *arguments)
    lines = capsys.readouterr().out.splitlines()
    return [line for line in lines if not line.startswith(("Looked at ", "Nothing is wrong."))]


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def seal(people: People, capsys: pytest.CaptureFixture[str]) -> str:
    """Of four tickets with a past, of which everything holds; work goes on after it."""
    backfill_tickets([closed(people), lowered(people), deleted(people), draft(people, day=20)])
    call_command("audit", "--seal")
    line = capsys.readouterr().out.strip()
    factories.ticket("CLOSED")
    return line


@pytest.mark.parametrize("forgery", FORGERIES, ids=lambda forgery: forgery.what)
def test_a_forgery_is_found(forgery: Forgery, people: People, seal: str, capsys: pytest.CaptureFixture[str]) -> None:
    kept = list(SealedBlock.objects.values())
    SealedBlock.objects.all().delete()  # it is no part of what an audit without a seal goes by
    with triggers_lifted():
        forgery.forge(people)
        renumber_events()
        refold()
    found = audit(capsys)
    assert any(line.startswith(f"{forgery.subject}: ") for line in found) == forgery.plain, found
    assert forgery.plain or audit(capsys, "--since", seal) != []
    with triggers_lifted():
        compute_all_hashes_anew()
    found = audit(capsys, "--since", seal)
    assert found != []
    without = [line for line in found if not line.startswith("seal: ") and " since the seal" not in line]
    assert (without != []) == forgery.anew, found
    SealedBlock.objects.bulk_create(SealedBlock(**block) for block in kept)
    found = audit(capsys, "--since", seal)
    assert any(line.startswith(f"{forgery.subject}: ") for line in found), found


def test_where_nothing_is_forged_nothing_is_found(seal: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert audit(capsys, "--since", seal) == []


def test_there_are_twelve_kinds_and_more_than_six_are_found_without_a_seal() -> None:
    assert len(FORGERIES) >= 12
    assert sum(forgery.plain for forgery in FORGERIES) >= 6
