"""What people read by the API: single tickets, lists, history, events; and what happens to the people themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.stateful import draws
from tests.stateful.contract import ASSOCIATE, MANAGER, Person, Ticket
from tests.stateful.contract_json import entry_json, iso, listed, ticket_json
from tests.stateful.draws import BAD, MATCH, PICK, WHO, Pick, Who, if_match
from tests.stateful.machine import Caller, DeskMachine, without


@dataclass(frozen=True)
class Known:
    """A list that somebody was answered, when so many steps had done something."""

    name: str
    role: str
    path: str
    meant: dict[str, Any]
    tag: str
    steps: int


class ReadingRules(DeskMachine):
    def __init__(self) -> None:
        super().__init__()
        self.lists: list[Known] = []

    @rule(who=WHO, pick=PICK, match=MATCH)
    def get(self, who: Who, pick: Pick, match: str) -> None:
        id, _number, version = self.pick(pick, lambda ticket: True)
        headers, _expected, _readable = if_match(match, version)
        headers = {"If-None-Match": headers["If-Match"]} if headers else {}
        has_it = match in ("right", "list", "any") and id in self.desk.tickets

        def check(answer: Any, ticket: Ticket) -> None:
            assert answer["ETag"] == f'"{version}"'
            assert has_it or answer.json() == ticket_json(ticket)

        self.api(
            self.caller(who),
            "GET",
            f"/tickets/{id}",
            lambda _by, _answer: self.desk.find(id),
            headers=headers,
            status=304 if has_it else 200,
            check=check,
        )

    @rule(who=WHO, pick=PICK)
    def history(self, who: Who, pick: Pick) -> None:
        id, _number, _version = self.pick(pick, lambda ticket: True)

        def check(answer: Any, ticket: Ticket) -> None:
            entries = [without(entry, "id", "createdAt") for entry in answer.json()]
            assert entries == [entry_json(entry) for entry in reversed(ticket.history)]

        self.api(
            self.caller(who), "GET", f"/tickets/{id}/history", lambda _by, _answer: self.desk.find(id), check=check
        )

    @rule(who=WHO, query=draws.QUERY, bad=BAD, how=st.sampled_from(draws.BAD_QUERIES))
    def read_list(self, who: Who, query: dict[str, Any], bad: bool, how: str) -> None:
        sent, meant = dict(query), dict(query)
        for name in ("createdBy", "reviewedBy"):
            if query.get(name) in self.people:
                sent[name] = meant[name] = self.people[query[name]].id
        if "dueBefore" in query:
            sent["dueBefore"] = iso(query["dueBefore"])
        if "updatedSince" in query:
            self.since(query["updatedSince"], sent, meant)
        self.ask_list(self.caller(who), f"/tickets?{how if bad else urlencode(sent)}", meant, is_readable=not bad)
        for known in self.lists[-3:-1]:  # who has its tag gets a list again once anything has happened to any ticket
            self.ask_list(self.callers[known.name], known.path, known.meant, known=known)

    def ask_list(
        self, caller: Caller, path: str, meant: dict[str, Any], *, is_readable: bool = True, known: Known | None = None
    ) -> None:
        has_it = bool(known and known == self.known(caller, path, meant, known.tag))

        def check(answer: Any, found: list[Ticket]) -> None:
            if not has_it:
                size, page = min(meant.get("pageSize", 20), 200), meant.get("page", 1)
                items = [ticket_json(ticket) for ticket in found[(page - 1) * size : page * size]]
                assert answer.json() == {"items": items, "total": len(found), "page": page, "pageSize": size}
            if answer.get("ETag"):
                self.lists.append(self.known(caller, path, meant, answer["ETag"]))

        self.api(
            caller,
            "GET",
            path,
            lambda by, _answer: listed(self.desk, by, meant),
            headers={"If-None-Match": known.tag} if known else {},
            is_readable=is_readable,
            status=304 if has_it else 200,
            check=check,
        )

    def known(self, caller: Caller, path: str, meant: dict[str, Any], tag: str) -> Known:
        assert caller.person
        return Known(caller.person.name, caller.person.role, path, meant, tag, len(self.desk.steps))

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

        def check(_answer: Any, _by: Person) -> None:
            self.follower.limit = limit
            self.follow(caller.client)

        self.api(caller, "GET", f"/events?limit={limit}", lambda by, _answer: by, check=check)

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
