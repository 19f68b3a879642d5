"""Texts can be removed where the law asks for it, by nobody unnoticed, and the record still proves itself."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from tests.support import factories
from tests.support.forgery import sql, triggers_lifted
from tickets import actions
from tickets.models import Erasure, HistoryEntry, Ticket, TicketText

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss() -> User:
    return factories.manager(email="boss@example.com")


@pytest.fixture
def ticket(boss: User) -> Ticket:
    """A draft that was sent back and edited."""
    made = factories.ticket("REVIEW", title="Ana's printer", description="Ana cannot print.")
    return actions.edit_ticket(made.created_by, made.pk, title="Ana Roe's printer")


def erase(ticket: Ticket, *more: str) -> None:
    call_command("erase_texts", ticket.ticket_number, "--by", "Boss@example.com", "--why", "Ana asked for it.", *more)


def everything() -> str:
    """All texts of tickets, history and search."""
    tables = [("tickets_ticket", "title, description"), ("tickets_tickettext", "text, text")]
    tables.append(("tickets_historyentry", "reason, CAST(changes AS text)"))
    return repr([sql(f"SELECT {columns} FROM {table}") for table, columns in tables])


def test_all_texts_of_a_ticket_are_removed_and_the_audit_stays_clean(
    ticket: Ticket, boss: User, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("audit", "--seal")
    seal = capsys.readouterr().out.strip()
    erase(ticket, "--yes")
    assert capsys.readouterr().out == f"Removed all texts of {ticket.ticket_number}, up to version 3.\n"
    assert "Ana" not in everything()
    assert "ana" not in everything()
    assert "Please say more." not in everything()
    ticket.refresh_from_db()
    assert (ticket.title, ticket.description, ticket.version) == ("(removed)", "(removed)", 3)
    entries = HistoryEntry.objects.filter(ticket=ticket).order_by("version")
    assert list(entries.values_list("reason", "changes", "salt")) == [
        ("created", {}, None),
        ("severity changed: (removed)", {}, None),
        ("edited (title)", {}, None),
    ]
    done = Erasure.objects.get()
    assert (done.ticket, done.user, done.why) == (ticket, boss, "Ana asked for it.")
    call_command("audit", "--since", seal)


def test_work_goes_on_afterwards(ticket: Ticket) -> None:
    erase(ticket, "--yes")
    assert TicketText.objects.filter(ticket=ticket, text__contains="(removed)").exists()
    sent_back = factories.advance(Ticket.objects.get(pk=ticket.pk), "REVIEW")
    actions.edit_ticket(sent_back.created_by, ticket.pk, title="A printer", description="It does not print.")
    call_command("audit")
    erase(ticket, "--yes")
    call_command("audit")
    assert Erasure.objects.count() == 2


def test_a_single_reason_is_removed(ticket: Ticket, capsys: pytest.CaptureFixture[str]) -> None:
    erase(ticket, "--entry", "2", "--yes")
    assert capsys.readouterr().out == f"Removed the reason of version 2 of {ticket.ticket_number}.\n"
    ticket.refresh_from_db()
    assert ticket.title == "Ana Roe's printer"
    assert "Please say more." not in everything()
    call_command("audit")
    for version in ("2", "3", "17"):
        with pytest.raises(CommandError, match="nothing to remove"):
            erase(ticket, "--entry", version, "--yes")


def test_nothing_is_done_without_a_yes_a_person_and_a_reason(ticket: Ticket) -> None:
    number = ticket.ticket_number
    factories.associate(email="gone@example.com", is_active=False)
    for arguments, problem in [
        ([number, "--by", "boss@example.com", "--why", "x"], "cannot be undone"),
        ([number, "--by", "boss@example.com", "--why", " ", "--yes"], "--why"),
        ([number, "--by", "gone@example.com", "--why", "x", "--yes"], "Nobody active has the e-mail gone@example.com"),
        (["TKT-2020-000001", "--by", "boss@example.com", "--why", "x", "--yes"], "no ticket"),
    ]:
        with pytest.raises(CommandError, match=problem):
            call_command("erase_texts", *arguments)
    assert "Ana" in everything()
    assert not Erasure.objects.exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tickets_historyentry SET salt = NULL, changes = '{}'",
        "UPDATE tickets_erasure SET why = 'x'",
        "DELETE FROM tickets_erasure",
    ],
)
def test_texts_are_removed_by_no_other_way(statement: str, ticket: Ticket) -> None:
    """Of another ticket nothing is said to be removed, and what is said of one is not unsaid."""
    erase(factories.ticket("REVIEW"), "--yes")
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        sql(statement)


@pytest.mark.parametrize("change", ["to_status = 'REVIEW'", "hash = texts_hash", "reason = 'x'", "version = 7"])
def test_with_leave_nothing_but_texts_is_removed(change: str, ticket: Ticket, boss: User) -> None:
    Erasure.objects.create(
        ticket=ticket, first_version=1, last_version=3, created_at=ticket.created_at, user=boss, why="x"
    )
    if connection.vendor == "postgresql":
        sql("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        sql(f"UPDATE tickets_historyentry SET salt = NULL, changes = '{{}}', {change} WHERE version = 3")


def test_an_audit_names_texts_that_were_removed_without_leave(
    ticket: Ticket, capsys: pytest.CaptureFixture[str]
) -> None:
    with triggers_lifted():
        sql("UPDATE tickets_historyentry SET salt = NULL, changes = '{}' WHERE version = 3")
    with pytest.raises(CommandError):
        call_command("audit")
    assert f"{ticket.ticket_number}: The texts of entry 3 were removed, and nothing says by whom." in (
        capsys.readouterr().out
    )
