"""What people do by the API."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from tests.stateful import draws
from tests.stateful.contract import Ticket
from tests.stateful.draws import BAD, KEY, MATCH, NO_KEY, PICK, PICKS, WHO, Key, Pick, Who, if_match
from tests.stateful.machine import DeskMachine

MOST_TICKETS = 12  # so that people meet at the same ones


def is_draft(ticket: Ticket) -> bool:
    return ticket.status == "DRAFT" and ticket.deleter is None


def is_in_review(ticket: Ticket) -> bool:
    return ticket.status == "REVIEW" and ticket.deleter is None


def is_deletable(ticket: Ticket) -> bool:
    return is_draft(ticket) or is_in_review(ticket)


def is_deleted(ticket: Ticket) -> bool:
    return ticket.deleter is not None


FITTING = {"DELETE": is_deletable, "RESTORE": is_deleted}


def sent_texts(texts: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """As the body has them, and as they are stored."""
    sent, stored = dict(texts), dict(texts)
    if "title" in texts:
        sent["title"], stored["title"] = texts["title"]
    return sent, stored


def json_bytes(body: Any) -> bytes:
    return json.dumps(body).encode()


class ApiRules(DeskMachine):
    @initialize(
        drawn=st.lists(draws.NEW, min_size=4, max_size=8),
        fates=st.lists(st.sampled_from(["none", "approve", "raise", "raise", "delete"]), min_size=8, max_size=8),
    )
    def open(self, drawn: list[dict[str, Any]], fates: list[str]) -> None:
        """Tickets of several people, of which some have a past, since hypothesis leaves rules out of each example."""
        for name, new in zip([*draws.PEOPLE, *draws.PEOPLE], drawn, strict=False):
            self.create(Who(name, outdated=False), new, NO_KEY, bad=False, how={})
        for at, fate in enumerate(fates[: len(drawn)]):
            self.begin(Pick("any", at), fate)

    def begin(self, pick: Pick, fate: str) -> None:
        if fate == "delete":
            self.delete(Who("max", outdated=False), pick, "none")
        elif fate != "none":
            action = "APPROVE" if fate == "approve" else "CHANGE_SEVERITY"
            review = {"action": action, "newSeverity": "VERY_HIGH", "severityChangeReason": "Everybody is affected."}
            for name in ("max", "meg"):  # one of them has not raised it
                self.review(Who(name, outdated=False), pick, review, "none", bad=False, how={})

    @rule(who=WHO, new=draws.NEW, key=KEY, bad=BAD, how=st.sampled_from(draws.BAD_NEW))
    def create(self, who: Who, new: dict[str, Any], key: Key, bad: bool, how: dict[str, Any]) -> None:
        if len(self.desk.tickets) >= MOST_TICKETS:
            return
        (sent_title, title), (sent_due, due) = new["title"], new["due"]
        body = {
            "title": sent_title,
            "description": new["description"],
            "dueDate": sent_due,
            "severity": new["severity"],
        }
        body["aiSuggestedSeverity"] = new["suggested"]
        stored = {name: new[name] for name in ("description", "severity", "suggested")}
        self.one_ticket(
            self.caller(who),
            "POST",
            "/tickets",
            lambda by, answer: self.desk.create(by, answer.json()["id"], title=title, due=due, **stored),
            body=json_bytes(body | how if bad else body),
            key=key,
            is_readable=not bad,
            status=201,
        )

    @rule(
        who=WHO,
        pick=PICK,
        texts=draws.TEXTS,
        same=st.booleans(),
        match=MATCH,
        bad=BAD,
        how=st.sampled_from(draws.BAD_TEXTS),
    )
    def edit(
        self, who: Who, pick: Pick, texts: dict[str, Any], same: bool, match: str, bad: bool, how: dict[str, Any]
    ) -> None:
        id, _number, version = self.pick(pick, is_in_review)
        sent, stored = sent_texts(texts)
        if not sent or same:
            ticket = self.desk.tickets.get(id)
            sent["title"] = stored["title"] = ticket.title if ticket else "x"
        headers, expected, readable = if_match(match, version)
        self.one_ticket(
            self.caller(who),
            "PATCH",
            f"/tickets/{id}",
            lambda by, _answer: self.desk.edit(by, id, expected, stored),
            body=json_bytes(how if bad else sent),
            headers=headers,
            is_readable=readable and not bad,
        )

    @rule(who=WHO, pick=PICK, review=draws.REVIEW, match=MATCH, bad=BAD, how=st.sampled_from(draws.BAD_REVIEWS))
    def review(self, who: Who, pick: Pick, review: dict[str, Any], match: str, bad: bool, how: dict[str, Any]) -> None:
        id, _number, version = self.pick(pick, is_draft)
        headers, expected, readable = if_match(match, version)
        meant = (review["action"], review["newSeverity"], review["severityChangeReason"])
        self.one_ticket(
            self.caller(who),
            "PATCH",
            f"/tickets/{id}/review",
            lambda by, _answer: self.desk.review(by, id, expected, *meant),
            body=json_bytes(how if bad else review),
            headers=headers,
            is_readable=readable and not bad,
            managers_only=True,
        )

    @rule(who=WHO, pick=PICK, match=MATCH)
    def delete(self, who: Who, pick: Pick, match: str) -> None:
        id, _number, version = self.pick(pick, is_deletable)
        headers, expected, readable = if_match(match, version)
        self.one_ticket(
            self.caller(who),
            "DELETE",
            f"/tickets/{id}",
            lambda by, _answer: self.desk.delete(by, id, expected),
            headers=headers,
            is_readable=readable,
        )

    @rule(who=WHO, pick=PICK, match=MATCH, key=KEY)
    def restore(self, who: Who, pick: Pick, match: str, key: Key) -> None:
        id, _number, version = self.pick(pick, is_deleted)
        headers, expected, readable = if_match(match, version)
        self.one_ticket(
            self.caller(who),
            "POST",
            f"/tickets/{id}/restore",
            lambda by, _answer: self.desk.restore(by, id, expected),
            headers=headers,
            key=key,
            is_readable=readable,
            status=201,
        )

    @rule(
        who=WHO,
        picks=PICKS,
        action=draws.BULK_ACTION,
        review=draws.REVIEW,
        versions=draws.BULK_VERSIONS,
        key=KEY,
        bad=BAD,
        how=st.sampled_from(draws.BAD_BULKS),
    )
    def bulk(
        self,
        who: Who,
        picks: list[Pick],
        action: str,
        review: dict[str, Any],
        versions: str,
        key: Key,
        bad: bool,
        how: dict[str, Any],
    ) -> None:
        chosen = {
            id: version for id, _number, version in (self.pick(pick, FITTING.get(action, is_draft)) for pick in picks)
        }
        seen = {id: version if versions == "right" else version - 1 or 7 for id, version in chosen.items()}
        seen = {} if versions == "none" else seen
        severity, reason = review["newSeverity"], review["severityChangeReason"]
        body = {"action": action, "ids": list(chosen), "versions": seen or None}
        body |= {"newSeverity": severity, "severityChangeReason": reason}

        def check(answer: Any, outcomes: list[tuple[bool, str | None]]) -> None:
            results = answer.json()["results"]
            assert [(result["id"], result["ok"], result["code"]) for result in results] == [
                (id, ok, code) for id, (ok, code) in zip(chosen, outcomes, strict=True)
            ]
            assert all((result["message"] is None) == result["ok"] for result in results)

        self.api(
            self.caller(who),
            "POST",
            "/tickets/bulk",
            lambda by, _answer: self.desk.bulk(by, action, list(chosen), seen, severity, reason),
            body=json_bytes(body | how if bad else body),
            key=key,
            is_readable=not bad,
            managers_only=action in ("APPROVE", "CHANGE_SEVERITY"),
            status=201,
            check=check,
        )

    @rule(at=st.integers(0, 5), other=st.sampled_from([False, False, True]))
    def repeat(self, at: int, other: bool) -> None:
        """What somebody has sent with a key before, once more, or another body with that key."""
        if self.keyed:
            name, body, again = self.keyed[-1 - at % len(self.keyed)]
            again(self.callers[name], body=body + b" " if other else body)
