"""Who may do what to a ticket in which state: one table, tried by API, by pages, on many at once, and in the admin."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.support.databases.modules import made_for_a_module
from tests.support.grid.answers import REFUSALS, problem, refusal
from tests.support.grid.desk import Answered, GridDesk
from tests.support.grid.effects import problem_of_effect
from tests.support.grid.moves import ATTEMPTS, IDENTITIES, SEEN, STATES, Attempt
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
desk = made_for_a_module(GridDesk)

NO_TICKET = {"id": "7b1e3c1e-52a4-4b5e-9d0c-4f9d0c6f7a11", "number": "TKT-2026-999999"}
MOVES = [name for name in ATTEMPTS if name not in ("read", "history")]
# A page takes ten times as long as an answer of the API. Rules of the move itself come last of all, so pages are asked
# for them only where everything before lets one pass.
IN_EVERY_STATE = ("approve", "edit", "delete", "restore")
STAFF = ("staff", "chief", "own-chief")
BY_BULK = {"approve": "APPROVE", "raise": "CHANGE_SEVERITY", "delete": "DELETE", "restore": "RESTORE"}
BY_ADMIN = {
    "approve": {"action": "approve"},
    "raise": {"action": "change_severity", "severity": "VERY_HIGH", "reason": " Everybody is affected. "},
    "lower": {"action": "change_severity", "severity": "LOW", "reason": "One room only."},
    "same severity": {"action": "change_severity", "severity": "MEDIUM", "reason": "x"},
    "no severity": {"action": "change_severity", "reason": "because"},
    "no reason": {"action": "change_severity", "severity": "HIGH"},
    "blank reason": {"action": "change_severity", "severity": "HIGH", "reason": " "},
    "delete": {"action": "soft_delete"},
    "restore": {"action": "restore"},
}
# What the contract has no words for, as the admin tells it.
IN_WORDS = {
    "same": "The ticket already has this severity: approve it instead",
    "there": "Only deleted tickets can be restored",
    "yours": "You may not do this to this ticket",
}


def test_the_table_has_every_combination() -> None:
    every = {(state, who) for state in STATES for who in IDENTITIES}
    assert len(every) == 8 * 13
    assert [name for name, attempt in ATTEMPTS.items() if set(attempt.answers) != every] == []
    assert set(SEEN) == every


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_api_answers_as_the_contract_says(name: str, desk: GridDesk) -> None:
    attempt, problems = ATTEMPTS[name], []
    body = [attempt.body] if attempt.body else []
    for (state, who), answer in attempt.answers.items():
        ticket = desk.ticket(state, who)
        path = attempt.path.format(id=ticket.pk if ticket else NO_TICKET["id"])
        with desk.undone():
            answered = desk.api(who, attempt.method, path, *body)
            if answer == "ok" and attempt.effects and answered.status < 400:
                said = answered.response.json()["status"]
                wrong = "" if said == attempt.effects[state][0] else f"it says {said}"
                wrong = wrong or done_wrong(desk, answered, attempt, state, who)
            else:
                expected = str(attempt.status) if answer == "ok" else answer
                wrong = problem(answered, expected, path=path)
                wrong = wrong or (f"reading wrote {answered.wrote}" if answered.wrote else "")
        if wrong:
            problems.append(f"{state} {who}: {answer} expected, {wrong}")
    assert problems == []


def done_wrong(desk: GridDesk, answered: Answered, attempt: Attempt, state: str, who: str) -> str:
    """What is wrong with what an action that was accepted has written."""
    ticket = desk.ticket(state, who)
    assert ticket is not None
    if (changed := desk.changed_tickets()) != [ticket.ticket_number]:
        return f"{answered.status} {refusal(answered)}, changed are {changed}"
    return problem_of_effect(attempt, state, who, desk, ticket)


# --- Pages


@pytest.mark.one_database
@pytest.mark.parametrize("name", MOVES)
def test_a_page_answers_as_the_api_does(name: str, desk: GridDesk) -> None:
    attempt, problems = ATTEMPTS[name], []
    for (state, who), by_api in attempt.answers.items():
        if is_left_out(who, state) or (state != "DRAFT" and name not in IN_EVERY_STATE):
            continue
        ticket = desk.ticket(state, who)
        path, typed = form_of(attempt, ticket)
        answer = "login" if by_api == "401" else by_api
        if name == "restore" and SEEN[state, who] == "404":
            answer = "404"
        with desk.undone():
            answered = desk.page(who, "POST", path, typed)
            if answer == "ok" and answered.status == 302:
                wrong = done_wrong(desk, answered, attempt, state, who)
            else:
                wrong = problem(answered, "302" if answer == "ok" else answer, path=path)
        if wrong:
            problems.append(f"{state} {who}: {answer} expected, {wrong}")
    assert problems == []


def is_left_out(who: str, state: str) -> bool:
    """What the staff flag changes (nothing) the API has been asked, and who deletes is as any author before that."""
    return who in STAFF or (who == "undoer" and not state.startswith("-"))


def form_of(attempt: Attempt, ticket: Ticket | None) -> tuple[str, dict[str, Any]]:
    """Where the page sends this attempt, and what its form holds."""
    number = ticket.ticket_number if ticket else NO_TICKET["number"]
    version = ticket.version if ticket else 1
    body = attempt.body or {}
    if attempt.method == "DELETE":
        return f"/desk/tickets/{number}/delete/", {}
    if attempt.path.endswith("/restore"):
        return f"/desk/tickets/{number}/restore/", {}
    if attempt.path.endswith("/review"):
        decision = body.get("newSeverity", "") if body["action"] != "APPROVE" else "APPROVE"
        typed = {"decision": decision, "reason": body.get("severityChangeReason", ""), "version": version}
        return f"/desk/tickets/{number}/review/", typed
    texts = {"title": "t", "description": ticket.description if ticket else "d"}
    return f"/desk/tickets/{number}/edit/", {**texts, **body, "version": version}


@pytest.mark.one_database
@pytest.mark.parametrize("page", ["", "edit/"])
def test_a_tickets_page_is_there_for_who_may_see_the_ticket(page: str, desk: GridDesk) -> None:
    problems = []
    for (state, who), seen in SEEN.items():
        if is_left_out(who, state) or (page and state in ("PENDING", "OPEN", "CLOSED")):
            continue
        ticket = desk.ticket(state, who)
        number = ticket.ticket_number if ticket else NO_TICKET["number"]
        path = f"/desk/tickets/{number}/{page}"
        deleted = state.startswith("-") and seen != "401"
        answer = {"401": "login", "ok": "404" if page and deleted else "200"}.get(seen, seen)
        with desk.undone():
            wrong = problem(desk.page(who, "GET", path), answer, path=path)
        if wrong:
            problems.append(f"{state} {who}: {answer} expected, {wrong}")
    assert problems == []


# --- Many at once


def all_states(desk: GridDesk, who: str) -> dict[str, Ticket]:
    return {state: ticket for state in STATES if (ticket := desk.ticket(state, who))}


def expected_on_many(attempt: Attempt, who: str, state: str) -> str:
    """Of a ticket that one may not see one hears no more than that it is not there."""
    return "404" if SEEN[state, who] == "404" else attempt.answers[state, who]


def numbers_done(desk: GridDesk, attempt: Attempt, who: str) -> list[str]:
    """Of the tickets that the table lets pass."""
    tickets = all_states(desk, who).items()
    return sorted(ticket.ticket_number for state, ticket in tickets if attempt.answers[state, who] == "ok")


@pytest.mark.parametrize("name", BY_BULK)
@pytest.mark.parametrize("who", IDENTITIES)
def test_the_api_does_to_many_what_it_does_to_one(who: str, name: str, desk: GridDesk) -> None:
    attempt, tickets = ATTEMPTS[name], all_states(desk, who)
    ids = {state: str(tickets[state].pk) if state in tickets else NO_TICKET["id"] for state in STATES}
    body = {**(attempt.body or {}), "action": BY_BULK[name], "ids": list(ids.values())}
    whole = {attempt.answers[state, who] for state in STATES} & {"401", "role"}
    with desk.undone():
        answered = desk.api(who, "POST", "/tickets/bulk", body)
        if whole:
            assert problem(answered, *whole, path="/tickets/bulk") == ""
            return
        assert answered.status == 201, answered.text
        told = {result["id"]: result["code"] or "ok" for result in answered.response.json()["results"]}
        answers = {state: expected_on_many(attempt, who, state) for state in STATES}
        assert {state: told[id] for state, id in ids.items()} == {
            state: answer if answer == "ok" else REFUSALS[answer][1] for state, answer in answers.items()
        }
        assert desk.changed_tickets() == numbers_done(desk, attempt, who)


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["approve", "delete", "restore"])
@pytest.mark.parametrize("who", IDENTITIES)
def test_a_page_does_to_many_what_it_does_to_one(who: str, name: str, desk: GridDesk) -> None:
    attempt, tickets = ATTEMPTS[name], all_states(desk, who)
    chosen = [f"{ticket.pk}.{ticket.version}" for ticket in tickets.values()]
    with desk.undone():
        answered = desk.page(who, "POST", "/desk/tickets/bulk/", {"action": name, "ticket": chosen})
        if who in ("nobody", "inactive", "demoted"):
            assert problem(answered, "login", path="/desk/tickets/bulk/") == ""
            return
        assert answered.status == 200, answered.text
        items = re.findall(r'<li(?: data-refusal="(\w+)")?><a href="/desk/tickets/([^/]+)/"', answered.text)
        told = {number: code or "ok" for code, number in items}
        for state, ticket in tickets.items():
            answer = expected_on_many(attempt, who, state)
            code = "ok" if answer == "ok" else REFUSALS[answer][1]
            # What is not there for this person is not listed, only counted.
            assert told.get(ticket.ticket_number, "ticket_not_found") == code, state
        assert desk.changed_tickets() == numbers_done(desk, attempt, who)


@pytest.mark.one_database
@pytest.mark.parametrize("name", BY_ADMIN)
@pytest.mark.parametrize("who", IDENTITIES)
def test_the_admin_goes_by_the_same_table(who: str, name: str, desk: GridDesk) -> None:
    attempt, tickets = ATTEMPTS[name], all_states(desk, who)
    form = {**BY_ADMIN[name], "_selected_action": [str(ticket.pk) for ticket in tickets.values()]}
    with desk.undone():
        answered = desk.page(who, "POST", "/admin/tickets/ticket/", form)
        if who not in STAFF:
            assert problem(answered, "door", path="/admin/tickets/ticket/") == ""
            return
        assert answered.status == 302, answered.text
        for state, ticket in tickets.items():
            answer = attempt.answers[state, who]
            told = [text for text in answered.messages if text.startswith(f"{ticket.ticket_number}: ")]
            message = IN_WORDS.get(answer) or REFUSALS.get(answer, (0, "", ""))[2]
            assert told == ([] if answer == "ok" else [f"{ticket.ticket_number}: {message}"]), state
        assert desk.changed_tickets() == numbers_done(desk, attempt, who)
