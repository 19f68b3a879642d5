"""Who may follow a ticket and leave it: method, role and state of the ticket, as one table has it."""

from __future__ import annotations

import pytest

from tests.support.databases.modules import made_for_a_module
from tests.support.grid.answers import problem
from tests.support.grid.desk import GridDesk
from tests.support.grid.following import ATTEMPTS
from tests.support.grid.moves import IDENTITIES, STATES
from tickets.models import FollowChoice

pytestmark = pytest.mark.django_db
desk = made_for_a_module(GridDesk)

NOTHING = "7b1e3c1e-52a4-4b5e-9d0c-4f9d0c6f7a11"
CHOICES = {"GET": [], "PUT": [True], "DELETE": [False]}
STATES_OF_PAGES = ("CLOSED", "-DRAFT", "none")
# What the button of the page sends.
FORMS = {"PUT": {"follow": "1"}, "DELETE": {"leave": "1"}}


def test_the_tables_have_every_combination() -> None:
    for method, answers in ATTEMPTS.items():
        assert set(answers) == {(state, who) for state in STATES for who in IDENTITIES}, method


@pytest.mark.parametrize("method", ATTEMPTS)
def test_the_api_answers_as_the_table_says(method: str, desk: GridDesk) -> None:
    problems = []
    for (state, who), answer in ATTEMPTS[method].items():
        ticket = desk.ticket(state, who)
        path = f"/tickets/{ticket.pk if ticket else NOTHING}/following"
        with desk.undone():
            answered = desk.api(who, method, path)
            if answer == "ok":
                wrong = "" if answered.status == 200 else str(answered.status)
                wrong = wrong or kept_wrong(method, desk, who)
            else:
                wrong = problem(answered, answer, path=path)
        if wrong:
            problems.append(f"{state} {who}: {answer} expected, {wrong}")
    assert problems == []


@pytest.mark.parametrize("method", FORMS)
def test_a_page_answers_as_the_api_does(method: str, desk: GridDesk) -> None:
    """Of all states, and of what the staff flag changes (nothing), the API has been asked."""
    problems = []
    for (state, who), by_api in ATTEMPTS[method].items():
        if who in ("staff", "chief", "own-chief") or state not in STATES_OF_PAGES:
            continue
        ticket = desk.ticket(state, who)
        path = f"/desk/tickets/{ticket.ticket_number if ticket else 'TKT-2026-999999'}/following/"
        with desk.undone():
            answered = desk.page(who, "POST", path, FORMS[method])
            if by_api == "ok":
                wrong = "" if answered.status == 302 else str(answered.status)
                wrong = wrong or kept_wrong(method, desk, who)
            else:
                wrong = problem(answered, {"401": "login"}.get(by_api, by_api), path=path)
        if wrong:
            problems.append(f"{state} {who}: {by_api} expected, {wrong}")
    assert problems == []


def kept_wrong(method: str, desk: GridDesk, who: str) -> str:
    kept = list(FollowChoice.objects.filter(user=desk.person(who)).values_list("follows", flat=True))
    return "" if kept == CHOICES[method] else f"kept {kept}"
