"""What people read by the API: single tickets, lists, history, events; and what happens to the people themselves."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.stateful import draws
from tests.stateful.contract import ASSOCIATE, MANAGER
from tests.stateful.contract_json import entry_json, iso, listed, ticket_json
from tests.stateful.draws import BAD, MATCH, PICK, WHO, Pick, Who, if_match
from tests.stateful.machine import DeskMachine, without


class ReadingRules(DeskMachine):
    @rule(who=WHO, pick=PICK, match=MATCH)
    def get(self, who: Who, pick: Pick, match: str) -> None:
        id, _number, version = self.pick(pick, lambda ticket: True)
        headers, _expected, _readable = if_match(match, version)
        headers = {"If-None-Match": headers["If-Match"]} if headers else {}
        has_it = match in ("right", "list", "any") and id in self.desk.tickets
        answer, ticket = self.api(
            self.caller(who),
            "GET",
            f"/tickets/{id}",
            lambda _by, _answer: self.desk.find(id),
            headers=headers,
            status=304 if has_it else 200,
        )
        if ticket:
            assert answer["ETag"] == f'"{version}"'
            assert has_it or answer.json() == ticket_json(ticket)

    @rule(who=WHO, pick=PICK)
    def history(self, who: Who, pick: Pick) -> None:
        id, _number, _version = self.pick(pick, lambda ticket: True)
        answer, ticket = self.api(
            self.caller(who), "GET", f"/tickets/{id}/history", lambda _by, _answer: self.desk.find(id)
        )
        if ticket:
            entries = [without(entry, "id", "createdAt") for entry in answer.json()]
            assert entries == [entry_json(entry) for entry in reversed(ticket.history)]

    @rule(who=WHO, query=draws.QUERY, bad=BAD, how=st.sampled_from(draws.BAD_QUERIES))
    def list(self, who: Who, query: dict[str, Any], bad: bool, how: str) -> None:
        sent, meant = dict(query), dict(query)
        if query.get("createdBy") in self.people:
            sent["createdBy"] = meant["createdBy"] = self.people[query["createdBy"]].id
        if "dueBefore" in query:
            sent["dueBefore"] = iso(query["dueBefore"])
        if "updatedSince" in query:
            self.since(query["updatedSince"], sent, meant)
        answer, found = self.api(
            self.caller(who),
            "GET",
            f"/tickets?{how if bad else urlencode(sent)}",
            lambda by, _answer: listed(self.desk, by, meant),
            is_readable=not bad,
        )
        if found is not None:
            size, page = min(query.get("pageSize", 20), 200), query.get("page", 1)
            items = [ticket_json(ticket) for ticket in found[(page - 1) * size : page * size]]
            assert answer.json() == {"items": items, "total": len(found), "page": page, "pageSize": size}

    def since(self, at: int, sent: dict[str, Any], meant: dict[str, Any]) -> None:
        """The last change of some ticket, as the API tells it: in whole milliseconds."""
        moments = sorted(ticket.updated_at for ticket in self.desk.live() if ticket.updated_at)
        if not moments:
            del sent["updatedSince"], meant["updatedSince"]
            return
        moment = moments[at % len(moments)]
        meant["updatedSince"] = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
        sent["updatedSince"] = iso(moment)

    @rule(who=WHO, limit=st.integers(1, 7))
    def read_along(self, who: Who, limit: int) -> None:
        caller = self.caller(who)
        _answer, by = self.api(caller, "GET", f"/events?limit={limit}", lambda by, _answer: by)
        if by:
            self.follower.limit = limit
            self.follow(caller.client)

    @rule()
    def demote_or_promote(self) -> None:
        dee = self.people["dee"]
        dee.role = ASSOCIATE if dee.is_manager else MANAGER
        self.change("dee", role=dee.role)
        self.compare()

    @rule()
    def deactivate_or_let_back_in(self) -> None:
        ina = self.people["ina"]
        ina.active = not ina.active
        self.change("ina", is_active=ina.active)
        self.compare()
