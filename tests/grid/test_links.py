"""Who may do what with links: endpoint, role, who has made it and state of one ticket, as one table has it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.databases.modules import made_for_a_module
from tests.support.grid.answers import problem
from tests.support.grid.desk import GridDesk
from tests.support.grid.links import ATTEMPTS, LinkAttempt
from tests.support.grid.moves import IDENTITIES, STATES
from tickets.models import Ticket, TicketLink

pytestmark = pytest.mark.django_db
desk = made_for_a_module(GridDesk)

NOTHING = "7b1e3c1e-52a4-4b5e-9d0c-4f9d0c6f7a11"
AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SIGNED_OUT = ("nobody", "inactive", "demoted")
STATES_OF_PAGES = ("CLOSED", "-DRAFT", "none")


def test_the_tables_have_every_combination() -> None:
    for name, attempt in ATTEMPTS.items():
        assert set(attempt.answers) == {(state, who) for state in STATES for who in IDENTITIES}, name


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_api_answers_as_the_table_says(name: str, desk: GridDesk) -> None:
    attempt, problems = ATTEMPTS[name], []
    for (state, who), answer in attempt.answers.items():
        with desk.undone():
            ids = linked(desk, attempt, state, who)
            path = attempt.path.format(**ids)
            body = [{"ticketId": ids[attempt.names], "kind": "FOLLOW_UP_OF"}] if attempt.names else []
            answered = desk.api(who, attempt.method, path, *body)
            if answer == "ok":
                wrong = done_wrong(attempt, answered.status, answered.response.json(), ids)
            else:
                wrong = problem(answered, answer, path=path)
        if wrong:
            problems.append(f"{state} {who}: {answer} expected, {wrong}")
    assert problems == []


@pytest.mark.one_database
@pytest.mark.parametrize("name", ATTEMPTS)
def test_a_page_answers_as_the_api_does(name: str, desk: GridDesk) -> None:
    """A page takes ten times as long as an answer of the API, so it is asked in fewer states and by fewer."""
    attempt, problems = ATTEMPTS[name], []
    for (state, who), by_api in attempt.answers.items():
        if state not in STATES_OF_PAGES or who in ("staff", "chief", "own-chief"):
            continue
        with desk.undone():
            ids = linked(desk, attempt, state, who)
            method, path, fields = form_of(attempt, ids)
            answered = desk.page(who, method, path, fields)
            if by_api != "ok":
                answer = {"401": "login", "link?": "404"}.get(by_api, by_api)
                wrong = problem(answered, answer, path=path)
            else:
                told = answered.status, TicketLink.objects.filter(kind="FOLLOW_UP_OF").count()
                left = TicketLink.objects.filter(pk=ids["ticketlink"]).exists()
                wanted = {"GET": (200, 0, True), "POST": (302, 1, True)}.get(attempt.method, (302, 0, False))
                wrong = "" if (*told, left) == wanted else f"{(*told, left)} and not {wanted}"
        if wrong:
            problems.append(f"{state} {who}: {by_api} expected, {wrong}")
    assert problems == []


def form_of(attempt: LinkAttempt, ids: dict[str, str]) -> tuple[str, str, dict[str, str] | None]:
    """How the page sends this attempt, where, and what its form holds."""
    numbers = {str(pk): number for pk, number in Ticket.objects.values_list("pk", "ticket_number")}
    at, other = ("other", "ticket") if "{other}" in attempt.path else ("ticket", "other")
    path = f"/desk/tickets/{numbers.get(ids[at], 'TKT-2026-999999')}/links/"
    if attempt.method == "GET":
        return "GET", path, None
    if attempt.method == "DELETE":
        return "POST", f"{path}{ids['ticketlink']}/remove/", None
    return "POST", path, {"kind": "FOLLOW_UP_OF", "ticket": numbers.get(ids[other], "TKT-2026-999999")}


def linked(desk: GridDesk, attempt: LinkAttempt, state: str, who: str) -> dict[str, str]:
    """The ids of a ticket in this state, of another one, and of a link from the first to it, made past the actions."""
    other = desk.others_ticket
    ticket = desk.ticket(state, who)
    if ticket is None:
        return {"ticket": NOTHING, "other": str(other.pk), "ticketlink": NOTHING}
    maker = desk.person("colleague" if attempt.by == "colleague" or who in SIGNED_OUT else who)
    link = TicketLink.objects.create(source=ticket, target=other, kind="RELATED", created_by=maker, created_at=AT)
    return {"ticket": str(ticket.pk), "other": str(other.pk), "ticketlink": str(link.pk)}


def done_wrong(attempt: LinkAttempt, status: int, body: Any, ids: dict[str, str]) -> str:
    """What is wrong with the answer, or with what it leaves behind."""
    if status != attempt.status:
        return f"{status} {body}"
    kept = TicketLink.objects.filter(pk=ids["ticketlink"]).exists()
    match attempt.method:
        case "GET":
            told: Any = [(link["id"], link["ticketId"], link["kind"]) for link in body], kept
            wanted: Any = [(ids["ticketlink"], ids["other"], "RELATED")], True
        case "POST":
            made = TicketLink.objects.get(pk=body["id"])
            told = body["ticketId"], made.kind, {str(made.source_id), str(made.target_id)}, kept
            wanted = ids[attempt.names], "FOLLOW_UP_OF", {ids["ticket"], ids["other"]}, True
        case _:
            told, wanted = (body["id"], kept), (ids["ticketlink"], False)
    return "" if told == wanted else f"{told} and not {wanted}"
