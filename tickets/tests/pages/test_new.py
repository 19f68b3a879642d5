"""Writing a ticket on a page, and sending it twice."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any

import pytest
import time_machine
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, html, words
from tests.support.patience import PATIENCE
from tickets import actions
from tickets.models import HistoryEntry, Ticket
from tickets.search.similar import most_alike

NEW = "/desk/tickets/new/"
TYPED = {"title": "It is <broken>", "description": "a\r\nb", "due_date": "2026-07-01T09:30", "severity": "HIGH"}


def key_of(page: str) -> str:
    found = re.search(r'name="key" value="([0-9a-f-]{36})"', page)
    assert found
    return found[1]


@pytest.mark.django_db
def test_a_new_ticket_leads_to_its_page(author: User) -> None:
    author.time_zone = "America/Sao_Paulo"
    author.save()
    desk = Desk(author)
    answer = desk.post(NEW, {**TYPED, "key": key_of(desk.text(NEW)), "ai_suggested_severity": "LOW"})
    ticket = Ticket.objects.get()
    assert answer.headers["Location"] == f"/desk/tickets/{ticket.ticket_number}/"
    assert f"Raised as {ticket.ticket_number}." in words(desk.text(answer.headers["Location"]))
    assert (ticket.title, ticket.description, ticket.severity) == ("It is <broken>", "a\nb", "HIGH")
    assert (ticket.status, ticket.created_by, ticket.ai_suggested_severity) == ("DRAFT", author, "LOW")
    assert ticket.due_date == datetime(2026, 7, 1, 12, 30, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ["UTC", "America/Sao_Paulo"])
def test_the_form_names_its_time_zone_and_begins_at_the_title(zone: str) -> None:
    desk = Desk(factories.associate(time_zone=zone))
    page = desk.text(NEW)
    assert re.findall(r'<(\w+) name="(\w+)"[^>]* autofocus', page) == [("textarea", "title")]
    assert f'id="id_due_date_helptext">Time zone: {zone}.</div>' in page
    assert re.search(r'name="due_date"[^>]* aria-describedby="id_due_date_helptext"', page)
    refused = html(desk.post(NEW, {**TYPED, "description": ""}))
    assert re.findall(r'<(\w+) name="(\w+)"[^>]* autofocus', refused) == [("textarea", "description")]


@pytest.mark.django_db
@pytest.mark.parametrize(("hour", "is_late"), [(12, False), (13, True)])
def test_a_due_date_in_the_past_is_taken_and_told_of(hour: int, is_late: bool) -> None:
    desk = Desk(factories.associate(time_zone="America/Sao_Paulo"))
    with time_machine.travel(datetime(2026, 7, 1, hour, tzinfo=UTC), tick=False):  # due at 12:30 UTC
        page = desk.text(desk.post(NEW, TYPED).headers["Location"])
    assert ("The due date lies in the past" in page) is is_late


@pytest.mark.django_db
def test_the_contracts_fields_suffice(author: User) -> None:
    assert Desk(author).post(NEW, TYPED).status_code == 302
    assert Ticket.objects.get().ai_suggested_severity is None


@pytest.mark.django_db
def test_a_form_sent_twice_makes_one_ticket(author: User) -> None:
    desk = Desk(author)
    form = {**TYPED, "key": key_of(desk.text(NEW))}
    first, second = desk.post(NEW, form), desk.post(NEW, {**form, "ai_suggested_severity": "LOW"})  # came late
    ticket = Ticket.objects.get()
    assert first.headers["Location"] == second.headers["Location"] == f"/desk/tickets/{ticket.ticket_number}/"
    assert HistoryEntry.objects.count() == 1


@pytest.mark.django_db
def test_a_form_sent_again_after_its_ticket_was_deleted_keeps_its_text(author: User) -> None:
    desk, typed = Desk(author), {**TYPED, "key": str(uuid.uuid4())}
    desk.post(NEW, typed)
    actions.delete_ticket(factories.manager(), Ticket.objects.get().pk)
    again = desk.post(NEW, typed)
    assert again.status_code == 404
    page = html(again)
    assert "somebody has deleted it" in page
    assert ">\na\r\nb</textarea>" in page
    assert desk.post(NEW, {**typed, "key": key_of(page)}).status_code == 302
    assert Ticket.objects.live().count() == 1


@pytest.mark.django_db
def test_who_deleted_what_they_raised_is_led_to_where_it_comes_back(author: User) -> None:
    desk, typed = Desk(author), {**TYPED, "key": str(uuid.uuid4())}
    desk.post(NEW, typed)
    made = actions.delete_ticket(author, Ticket.objects.get().pk)
    assert desk.post(NEW, typed).headers["Location"] == f"/desk/tickets/{made.ticket_number}/"


@pytest.mark.django_db
def test_another_text_in_the_same_form_is_another_ticket(author: User) -> None:
    desk = Desk(author)
    form = {**TYPED, "key": key_of(desk.text(NEW))}
    desk.post(NEW, form)
    desk.post(NEW, {**form, "title": "The next one, after going back"})
    assert sorted(Ticket.objects.values_list("title", flat=True)) == [
        "It is <broken>",
        "The next one, after going back",
    ]


@pytest.mark.django_db
def test_the_key_of_somebody_elses_form_claims_nothing(author: User) -> None:
    form = {**TYPED, "key": str(uuid.uuid4())}
    Desk(author).post(NEW, form)
    Desk(factories.associate()).post(NEW, form)
    assert Ticket.objects.count() == 2


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_twice_at_the_same_moment_makes_one_ticket(author: User, pool: ThreadPoolExecutor) -> None:
    desk = Desk(author)
    for round in range(1, 6):
        form = {**TYPED, "key": key_of(desk.text(NEW))}
        start = Barrier(4)

        def send(desk: Desk, form: dict[str, str] = form, start: Barrier = start) -> Any:
            try:
                start.wait(PATIENCE)
                return desk.post(NEW, form)
            finally:
                connection.close()

        answers = list(pool.map(send, [Desk(author) for _ in range(4)]))
        assert {(answer.status_code, answer.headers.get("Location")) for answer in answers} == {
            (302, f"/desk/tickets/{Ticket.objects.newest_first()[0].ticket_number}/")
        }
        assert Ticket.objects.count() == HistoryEntry.objects.count() == round


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", " \r\n "),
        ("title", "x" * 201),
        ("title", "a\0b"),
        ("description", "\r\n \r\n"),
        ("description", "x" * 100_001),
        ("due_date", ""),
        ("due_date", "tomorrow"),
        ("due_date", "0001-01-01T00:00"),
        ("due_date", "2026-13-01T00:00"),
        ("severity", ""),
        ("severity", "WORST"),
    ],
)
def test_a_wrong_field_is_named_and_nothing_is_lost(field: str, value: str, author: User) -> None:
    author.time_zone = "Asia/Tokyo"
    author.save()
    form = {**TYPED, "title": "Kept title", "description": "Kept text", "key": str(uuid.uuid4()), field: value}
    answer = Desk(author).post(NEW, form)
    assert answer.status_code == 422
    page = html(answer)
    assert "Please look at this again" in page
    assert f'<a href="#id_{field}' in page
    assert f'value="{form["key"]}"' in page
    for kept in {"title": "Kept title", "description": "Kept text"}.items():
        assert kept[0] == field or f"{kept[1]}</textarea>" in page
    assert Ticket.objects.count() == 0


@pytest.mark.django_db
def test_a_title_of_200_characters_with_line_breaks_fits(author: User) -> None:
    title = "x\r\n" * 66 + "xx" + "y" * 66  # 200 characters once its line ends are LF
    Desk(author).post(NEW, {**TYPED, "title": title})
    assert Ticket.objects.get().title == "x\n" * 66 + "xx" + "y" * 66


@pytest.mark.django_db
def test_a_day_that_summer_time_skips_is_explained(author: User) -> None:
    author.time_zone = "Europe/Berlin"
    author.save()
    answer = Desk(author).post(NEW, {**TYPED, "due_date": "2026-03-29T02:30"})
    assert answer.status_code == 422
    assert "id_due_date_error" in html(answer)


@pytest.mark.django_db
def test_a_new_form_proposes_three_working_days(author: User) -> None:
    author.time_zone = "Europe/Lisbon"
    author.save()
    with time_machine.travel(datetime(2026, 7, 2, 23, 30, tzinfo=UTC)):  # a Friday in Lisbon already
        assert 'value="2026-07-08T17:00"' in Desk(author).text(NEW)


# --- Similar tickets ---------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_similar_tickets_without_javascript_keep_what_was_typed(author: User) -> None:
    ticket = factories.ticket(title="Printer on floor two prints black pages")
    factories.deleted(factories.ticket(title="Printer on floor two prints black pages, deleted"))
    factories.ticket(title="Payroll cannot be opened")
    page = html(Desk(author).post(NEW, {**TYPED, "title": "printers print black", "look": "1"}))
    assert ticket.ticket_number in page
    assert page.count("/desk/tickets/TKT-") == 1
    assert "printers print black</textarea>" in page
    assert "a\r\nb</textarea>" in page
    assert 'value="2026-07-01T09:30"' in page
    assert 'value="HIGH" id="id_severity_3" checked' in page.replace("required ", "")
    assert Ticket.objects.filter(title="printers print black").count() == 0


@pytest.mark.django_db
def test_similar_tickets_have_an_address_of_their_own(author: User) -> None:
    ticket = factories.ticket(title="Impressora não imprime")
    path = "/desk/tickets/similar/?title=impressoras+não+imprimem"
    whole, part = Desk(author).text(path), Desk(author).text(path, headers={"HX-Request": "true"})
    assert ticket.ticket_number in whole
    assert "<html" in whole
    assert "<html" not in part
    assert ticket.ticket_number in part
    assert "No other ticket so far." in Desk(author).text("/desk/tickets/similar/?title=Zebra")


@pytest.mark.django_db
def test_similar_tickets_take_two_queries(author: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(10):
        factories.ticket()
    desk = Desk(author)
    with django_assert_num_queries(4):  # with session and person
        desk.text("/desk/tickets/similar/?title=printer+pages", headers={"HX-Request": "true"})


def test_rare_words_count_more() -> None:
    titles = {
        1: "Cannot open the payroll report",
        2: "Cannot open the door",
        3: "Cannot open mails",
        4: "Payroll report is empty",
        5: "Coffee is cold",
        6: "Cannot open the window",
    }
    assert most_alike("cannot open payroll reports", titles, limit=3)[:2] == [1, 4]
    assert most_alike("Something else entirely", titles, limit=3) == []
    assert most_alike("", titles, limit=3) == []
