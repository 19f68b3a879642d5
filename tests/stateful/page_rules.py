"""What people do by the pages of the desk.

The contract has the moves, and who may make them, for pages as for the API. What only pages have is written out here: a
form that cannot be read is shown again with 422, a refused act shows the ticket's page with the API's status, and to an
associate a ticket that somebody else has deleted is not there.
"""

from __future__ import annotations

import re
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.stateful import draws
from tests.stateful.api_rules import FITTING, MOST_TICKETS, is_deletable, is_deleted, is_draft, is_in_review
from tests.stateful.contract import LEVELS, Person, Refused, Ticket
from tests.stateful.contract_json import listed
from tests.stateful.draws import BAD, PICK, PICKS, WHO, Pick, Who
from tests.stateful.machine import DeskMachine
from tickets.models import Ticket as TicketRow

BAD_FORMS: list[dict[str, Any]] = [
    {"title": " "},
    {"title": "z" * 201},
    {"description": "\r\n"},
    {"due_date": "tomorrow"},
    {"severity": "HUGE"},
]
BAD_DECISIONS: list[dict[str, Any]] = [{"decision": "HUGE"}, {"reason": "r" * 501}, {"version": "x"}]
FORM_KEYS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(3)]


class PageRules(DeskMachine):
    def __init__(self) -> None:
        super().__init__()
        self.raised: dict[tuple[Any, ...], str] = {}  # ids of tickets by who raised them with which form and texts

    @rule(who=WHO, new=draws.NEW, key=st.sampled_from(["", *FORM_KEYS]), bad=BAD, how=st.sampled_from(BAD_FORMS))
    def new_by_page(self, who: Who, new: dict[str, Any], key: str, bad: bool, how: dict[str, Any]) -> None:
        if len(self.desk.tickets) >= MOST_TICKETS:
            return
        (sent_title, title), (_sent, due) = new["title"], new["due"]
        fields = {
            "title": sent_title.replace("\n", "\r\n"),
            "description": new["description"].replace("\n", "\r\n"),
            "due_date": f"{due:%Y-%m-%dT%H:%M}",
            "severity": new["severity"],
            "ai_suggested_severity": new["suggested"] or "",
            "key": key,
        }
        stored = {name: new[name] for name in ("description", "severity", "suggested")}

        def act(by: Person) -> Ticket:
            if bad:
                raise Refused(422, "")
            slot = (by.id, key, title, new["description"], due, new["severity"])
            if key and slot in self.raised:
                again = self.desk.tickets[self.raised[slot]]
                if again.deleter is not None and not by.is_manager and again.deleter != by.id:
                    raise Refused(404, "")
                return again
            [id] = TicketRow.objects.exclude(pk__in=list(self.desk.tickets)).values_list("pk", flat=True)
            self.raised[slot] = str(id)
            return self.desk.create(by, str(id), title=title, due=due, **stored)

        answer, ticket = self.post(self.caller(who), "/desk/tickets/new/", act, fields | how if bad else fields)
        if ticket:
            assert answer["Location"] == f"/desk/tickets/{ticket.number}/"

    @rule(
        who=WHO,
        pick=PICK,
        texts=draws.TEXTS,
        seen=st.integers(0, 2),
        bad=BAD,
        how=st.sampled_from(BAD_FORMS[:3]),
    )
    def edit_by_page(
        self, who: Who, pick: Pick, texts: dict[str, Any], seen: int, bad: bool, how: dict[str, Any]
    ) -> None:
        """Of a form that was opened `seen` versions ago; what was not changed in it is as it was then."""
        id, number, version = self.pick(pick, is_in_review)
        opened = max(1, version - seen)
        base = (
            texts_at(self.desk.tickets[id], opened) if id in self.desk.tickets else {"title": "t", "description": "d"}
        )
        mine = {name: text[1] if name == "title" else text for name, text in texts.items()}
        mine = base | mine
        fields = {name: text.replace("\n", "\r\n") for name, text in mine.items()} | {"version": opened}

        def act(by: Person) -> Ticket:
            ticket = self.desk.find(id)
            if bad:
                raise Refused(422, "")
            now = {"title": ticket.title, "description": ticket.description}
            changes = {name: text for name, text in mine.items() if text not in (base[name], now[name])}
            may = ticket.status == "REVIEW" and by.is_manager != (ticket.creator == by.id)
            if may and any(base[name] != now[name] for name in changes):
                raise Refused(409, "")
            return self.desk.edit(by, id, None, changes)

        self.post(self.caller(who), f"/desk/tickets/{number}/edit/", act, fields | how if bad else fields)

    @rule(
        who=WHO,
        pick=PICK,
        decision=st.sampled_from(["APPROVE", "APPROVE", "", *LEVELS]),
        reason=draws.REASON,
        version=draws.VERSION,
        bad=BAD,
        how=st.sampled_from(BAD_DECISIONS),
    )
    def review_by_page(
        self, who: Who, pick: Pick, decision: str, reason: str | None, version: str, bad: bool, how: dict[str, Any]
    ) -> None:
        id, number, present = self.pick(pick, is_draft)
        sent = {"none": None, "right": present, "old": present - 1 or 7}[version]
        match = None if sent is None else frozenset({sent})
        fields = {"decision": decision, "reason": reason or "", "version": "" if sent is None else sent}

        def act(by: Person) -> Ticket:
            if not by.is_manager:
                raise Refused(403, "forbidden_role")
            if bad:
                raise Refused(400, "invalid_input")
            ticket = self.desk.find(id)
            reviewable = ticket.status == "DRAFT" and ticket.creator != by.id
            if decision == "APPROVE" and (reason or "").strip() and reviewable:
                raise Refused(400, "invalid_input")  # who approves sends no reason
            if decision == "APPROVE":
                return self.desk.review(by, id, match, "APPROVE")
            return self.desk.review(by, id, match, "CHANGE_SEVERITY", decision or None, reason)

        self.post(self.caller(who), f"/desk/tickets/{number}/review/", act, fields | how if bad else fields)

    @rule(who=WHO, pick=PICK)
    def delete_by_page(self, who: Who, pick: Pick) -> None:
        id, number, _version = self.pick(pick, is_deletable)
        self.post(self.caller(who), f"/desk/tickets/{number}/delete/", lambda by: self.desk.delete(by, id, None), {})

    @rule(who=WHO, pick=PICK)
    def restore_by_page(self, who: Who, pick: Pick) -> None:
        id, number, _version = self.pick(pick, is_deleted)

        def act(by: Person) -> Ticket:
            if self.desk.visible(by, id) is None:
                raise Refused(404, "ticket_not_found")
            return self.desk.restore(by, id, None)

        self.post(self.caller(who), f"/desk/tickets/{number}/restore/", act, {})

    @rule(who=WHO, picks=PICKS, action=st.sampled_from(["APPROVE", "DELETE", "RESTORE"]), versions=draws.BULK_VERSIONS)
    def bulk_by_page(self, who: Who, picks: list[Pick], action: str, versions: str) -> None:
        chosen = {
            id: version for id, _number, version in (self.pick(pick, FITTING.get(action, is_draft)) for pick in picks)
        }
        seen = {id: version if versions == "right" else version - 1 or 7 for id, version in chosen.items()}
        seen = {} if versions == "none" else seen
        fields = {"action": action.lower(), "ticket": [f"{id}.{seen.get(id, '')}" for id in chosen]}

        def act(by: Person) -> list[tuple[bool, str | None]]:
            if action == "APPROVE" and not by.is_manager:
                return [(False, "forbidden_role")] * len(chosen)
            return self.desk.bulk(by, action, list(chosen), seen, None, None)

        self.post(self.caller(who), "/desk/tickets/bulk/", act, fields, status=200)

    # --- Looking ------------------------------------------------------------------------------------------------------

    @rule(who=WHO, pick=PICK)
    def look_by_page(self, who: Who, pick: Pick) -> None:
        """The page offers what this person may do to this ticket now, and nothing else."""
        id, number, _version = self.pick(pick, lambda ticket: True)

        def act(by: Person) -> tuple[Person, Ticket]:
            ticket = self.desk.visible(by, id)
            if ticket is None:
                raise Refused(404, "")
            return by, ticket

        answer, found = self.look(self.caller(who), f"/desk/tickets/{number}/", act)
        if found:
            page = answer.content.decode()
            acts = ("review", "edit", "delete", "restore")
            assert {name for name in acts if f"/desk/tickets/{number}/{name}/" in page} == offered(*found)
            entries = page.count('<li class="entry">')
            assert entries == min(found[1].version, MOST_SHOWN)

    @rule(who=WHO, query=draws.QUERY)
    def list_by_page(self, who: Who, query: dict[str, Any]) -> None:
        """Which tickets the list shows; what the two searches find differently is for tests of their own."""
        shown: dict[str, Any] = {
            name: query[name] for name in ("status", "severity", "createdBy", "reviewedBy", "sort") if name in query
        }
        for name in ("createdBy", "reviewedBy"):
            if shown.get(name, "me") != "me":
                shown[name] = self.people[shown[name]].id
        text = "&".join(f"{name}={value}" for name, value in shown.items())
        answer, by = self.look(self.caller(who), f"/desk/tickets/?{text}", lambda by: by)
        if by:
            table = answer.content.decode().partition("<tbody")[2].partition("</tbody>")[0]
            numbers = re.findall(r'class="title"><a href="/desk/tickets/(TKT-\d+-\d+)/', table)
            assert numbers == [ticket.number for ticket in listed(self.desk, by, shown)]


MOST_SHOWN = 50  # entries of history, before one asks for all of them


def texts_at(ticket: Ticket, version: int) -> dict[str, str]:
    """As they were at this version, by what the history says of the edits since."""
    texts = {"title": ticket.title, "description": ticket.description}
    for entry in reversed(ticket.history[version:]):
        texts |= {name: old for name, (old, _new) in entry.changes.items()}
    return texts


def offered(by: Person, ticket: Ticket) -> set[str]:
    """Acts on this ticket that are this person's to make."""
    is_author = ticket.creator == by.id
    if ticket.deleter is not None:
        return {"restore"}
    found = set()
    if ticket.status == "DRAFT" and by.is_manager and not is_author:
        found.add("review")
    if ticket.status == "REVIEW" and by.is_manager != is_author:
        found.add("edit")
    if ticket.status in ("DRAFT", "REVIEW") and (by.is_manager or is_author):
        found.add("delete")
    return found
