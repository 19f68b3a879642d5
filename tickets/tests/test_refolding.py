"""Search texts of an earlier version are folded anew while the desk serves, and are found as before meanwhile."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from unicodedata import normalize

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.databases import past
from tests.support.databases.transactions import wait_until_somebody_waits
from tests.support.patience import PATIENCE
from tests.support.version_before import writing_as_before_hashes
from tickets import actions
from tickets.models import Ticket, TicketText
from tickets.search.refolding import forget, refold, replace

pytestmark = pytest.mark.django_db

TITLE = "İSTANBUL can\u2019t  PRINT \u2013 \u00c9"


@pytest.fixture
def author() -> User:
    return factories.associate()


def make_old(ticket: Ticket) -> None:
    """Store the ticket's text as the version before has stored it."""
    parts = (ticket.ticket_number, ticket.title, ticket.description)
    text = "Ω".join(normalize("NFC", normalize("NFD", part).casefold()) for part in parts)
    TicketText.objects.filter(ticket=ticket).update(text=text, folding=None)


def finds(author: User, query: str) -> bool:
    return bool(
        ApiClient(author).client.get("/tickets", {"q": query}, headers=ApiClient(author).headers).json()["total"]
    )


def texts() -> list[tuple[str, int | None]]:
    return list(TicketText.objects.order_by("ticket__sequence").values_list("text", "folding"))


def test_an_old_text_is_found_as_before_until_it_is_folded_anew(author: User) -> None:
    made = factories.ticket(author=author, title=TITLE, description="d")
    make_old(made)
    as_before = [
        "can\u2019t",
        "CAN\u2019T  print",
        "i\u0307stanbul",
        "PRINT \u2013",
        "é",
        "e\u0301",
        "print",
        made.ticket_number,
    ]
    only_new = ["can't print - é", "istanbul"]
    assert [query for query in as_before if not finds(author, query)] == []
    assert [query for query in only_new if finds(author, query)] == []
    call_command("refold_search_texts")
    assert [query for query in as_before + only_new if not finds(author, query)] == []


def test_every_text_is_folded_anew_once(author: User, capsys: pytest.CaptureFixture[str]) -> None:
    made = [factories.ticket(author=author, title=f"\u2019{n}", description="D\r\nd") for n in range(3)]
    for ticket in made[:2]:
        make_old(ticket)
    call_command("refold_search_texts")
    assert capsys.readouterr().out == "2 texts folded anew.\n"
    assert texts() == [(f"{ticket.ticket_number.lower()}Ω'{n}Ωd d", 1) for n, ticket in enumerate(made)]
    call_command("refold_search_texts")
    assert capsys.readouterr().out == "0 texts folded anew.\n"


def test_many_are_folded_in_batches(author: User) -> None:
    for n in range(5):
        make_old(factories.ticket(author=author, title=f"\u2019{n}", description="d"))
    assert list(refold(TicketText.objects.all(), batch_size=2)) == [2, 2, 1]
    assert [folding for _text, folding in texts()] == [1] * 5


def test_an_edit_meanwhile_is_not_undone(author: User) -> None:
    made = factories.ticket("REVIEW", author=author, title="Old\u2019s", description="d\u2019D")
    make_old(made)
    read = list(TicketText.objects.select_related("ticket"))
    actions.edit_ticket(author, made.pk, title="New\u2019s")
    assert replace(TicketText.objects.all(), read) == 0
    # What was edited is folded the new way, the rest when its turn comes.
    assert texts() == [(f"{made.ticket_number.lower()}Ωnew'sΩd\u2019d", None)]
    assert finds(author, "new's")
    assert finds(author, "d\u2019d")
    assert list(refold(TicketText.objects.all())) == [1]
    assert texts() == [(f"{made.ticket_number.lower()}Ωnew'sΩd'd", 1)]


def test_an_edit_meanwhile_of_a_text_that_is_the_same_either_way_stays(author: User) -> None:
    made = factories.ticket("REVIEW", author=author, title="old", description="plain")
    make_old(made)
    read = list(TicketText.objects.select_related("ticket"))
    actions.edit_ticket(author, made.pk, title="New\u2019s")
    assert replace(TicketText.objects.all(), read) == 1
    assert texts() == [(f"{made.ticket_number.lower()}Ωnew'sΩplain", 1)]


@pytest.mark.django_db(transaction=True)
def test_the_migration_folds_what_an_earlier_version_has_stored() -> None:
    with past.desk("before_texts_are_folded_anew"), writing_as_before_hashes():
        made = factories.ticket(title="can\u2019t", description="a\nb")
        make_old(made)
        past.migrate(("tickets", "0011_refold_search_texts"))
        assert texts() == [(f"{made.ticket_number.lower()}Ωcan'tΩa b", 1)]


def test_a_new_ticket_is_folded_the_new_way(author: User) -> None:
    factories.ticket(author=author, title="\u2019", description="d")
    assert [folding for _text, folding in texts()] == [1]


@pytest.mark.django_db(transaction=True)
def test_two_who_fold_at_once_do_not_wait_for_each_other() -> None:
    """The first changes the later row first, as the database may choose to; the second begins with the earlier one."""
    earlier, later = [factories.ticket() for _ in range(2)]
    rows = {row.pk: row for row in TicketText.objects.select_related("ticket")}

    def forget_all() -> None:
        with closing(connection):
            forget(TicketText.objects.all(), Ticket.objects.all())

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            replace(TicketText.objects.all(), [rows[later.pk]])
            second = pool.submit(forget_all)
            wait_until_somebody_waits()
            replace(TicketText.objects.all(), [rows[earlier.pk]])
        second.result(PATIENCE)
    assert TicketText.objects.filter(folding=None).count() == 2
