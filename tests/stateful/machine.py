"""A desk with six people, and the model beside it: sends what a rule asks for, and compares after each step."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from django.core.management.color import no_style
from django.db import connection
from django.utils import timezone
from hypothesis.stateful import RuleBasedStateMachine

from accounts.actions import change_person
from accounts.models import User
from accounts.record.acts import OPERATOR
from config.audit.findings import Scope
from config.audit.running import findings
from tests.stateful.contract import Comment, Desk, Entry, Person, Refused, Ticket
from tests.stateful.contract_json import entry_json, event_json, iso, ticket_json
from tests.stateful.draws import NO_KEY, PEOPLE, Key, Pick, Who
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.follower import Follower
from tests.support.pages import Desk as Browser
from tickets.models import Comment as CommentRow
from tickets.models import HistoryEntry
from tickets.models import Ticket as TicketRow
from tickets.status_counts import by_status

TICKET_COLUMNS = (
    "ticket_number", "title", "description", "due_date", "severity", "ai_suggested_severity", "status",
    "created_by_id", "reviewed_by_id", "deleted_by_id", "version", "created_at", "updated_at", "deleted_at",
)  # fmt: skip
ENTRY_COLUMNS = (
    "ticket_id", "version", "action", "user_id", "actor_role", "from_status", "to_status", "from_severity",
    "to_severity", "reason", "changes",
)  # fmt: skip


@dataclass
class Caller:
    """Somebody with a token and a browser; `accepted` is whether these are still good."""

    person: Person | None
    client: ApiClient
    user: User | None = None
    accepted: bool = True

    @cached_property
    def browser(self) -> Browser:
        return Browser(self.user)


@dataclass(frozen=True)
class Again:
    """A first answer, which a repeated request gets as well."""

    told: tuple[Any, ...]


@dataclass
class Counts:
    """Over all examples of a run."""

    steps: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    entries: Counter[str] = field(default_factory=Counter)


COMMENT_COLUMNS = ("ticket_id", "author_id", "text", "is_question", "removed_by_id")
NAMES = {"ticket_id": "ticket", "user_id": "user", "actor_role": "role"}  # of columns in the model


class DeskMachine(RuleBasedStateMachine):
    """The rules stand in the modules beside this one, as parts that the machine of the test is put together from."""

    counts: Counts

    def __init__(self) -> None:
        super().__init__()
        empty_tables()
        self.desk = Desk(timezone.now().year)
        self.people: dict[str, Person] = {}
        self.users: dict[str, User] = {}
        self.callers: dict[str, Caller] = {}
        self.outdated: dict[str, Caller] = {}
        self.follower = Follower(ask=lambda path: None)
        self.kept: dict[tuple[str, ...], tuple[tuple[str, bytes], Again]] = {}  # by person, method, path and key
        self.keyed: list[
            tuple[str, bytes, Callable[..., None]]
        ] = []  # what was sent with a key: by whom, body, the rest
        self.followed = 0  # how many of the model's steps the follower has been told of
        for name, role in PEOPLE.items():
            self.users[name] = factories.person(role, email=f"{name}@example.com")
            self.people[name] = Person(name, role, str(self.users[name].pk))
            self.let_in(name)
        self.stranger = Caller(None, ApiClient(), accepted=False)

    def let_in(self, name: str) -> None:
        user = self.users[name]
        self.callers[name] = Caller(self.people[name], ApiClient(user), user)

    def change(self, name: str, **changes: Any) -> None:
        """A person's role or activity, which ends their sign-ins."""
        old = self.callers[name]
        _ = old.browser  # is signed in by now
        change_person(OPERATOR, self.users[name], **changes)
        old.accepted = False
        self.outdated[name] = old
        if self.people[name].active:
            self.let_in(name)

    # --- What rules need ----------------------------------------------------------------------------------------------

    def caller(self, who: Who) -> Caller:
        if who.outdated and who.name in self.outdated:
            return self.outdated[who.name]
        return self.callers.get(who.name, self.stranger)

    def pick(self, pick: Pick, fitting: Callable[[Ticket], bool]) -> tuple[str, str, int]:
        """Id, number and version of the ticket; those of no ticket where the desk has none, or none is wanted."""
        tickets = list(self.desk.tickets.values())
        if pick.kind == "fitting":
            tickets = list(filter(fitting, tickets)) or tickets
        if pick.kind == "unknown" or not tickets:
            return str(uuid.UUID(int=pick.at)), "TKT-2020-000001", 1
        ticket = tickets[pick.at % len(tickets)]
        return ticket.id, ticket.number, ticket.version

    # --- The API ------------------------------------------------------------------------------------------------------

    def api[T](
        self,
        caller: Caller,
        method: str,
        path: str,
        act: Callable[[Person, Any], T],
        *,
        body: bytes = b"",
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        key: Key = NO_KEY,
        is_readable: bool = True,
        managers_only: bool = False,
        status: int = 200,
        check: Callable[[Any, T], None] = lambda answer, result: None,
    ) -> None:
        """Send it, and hold the answer against what `act` makes of the model; `check` gets both where it was done."""
        if key.text and caller.person:
            options: dict[str, Any] = {"headers": headers, "content_type": content_type, "key": key, "status": status}
            options |= {"is_readable": is_readable, "managers_only": managers_only, "check": check}
            again = partial(self.api, method=method, path=path, act=act, **options)
            self.keyed.append((caller.person.name, body, again))
        sent = {**(headers or {}), **key.header}
        answer = caller.client.send(method, path, body, content_type=content_type, headers=sent)

        def admitted() -> T | Again:
            if not caller.person or not caller.accepted:
                raise Refused(401, "unauthorized")
            if managers_only and not caller.person.is_manager:
                raise Refused(403, "forbidden_role")
            if not is_readable or not key.is_readable:
                raise Refused(400, "invalid_input")
            person = caller.person
            return self.once(person.id, method, path, key, body, answer, lambda: act(person, answer))

        try:
            result = admitted()
        except Refused as refusal:
            self.counts.answers[f"API {refusal.status} {refusal.code}"] += 1
            self.compare()
            self.check_refusal(caller, path, answer, refusal)
            return
        self.counts.answers[f"API {answer.status_code}{' again' if isinstance(result, Again) else ''}"] += 1
        assert answer.status_code == status, (answer.status_code, answer.content)
        self.compare()
        if isinstance(result, Again):
            assert told(answer) == result.told
        else:
            check(answer, result)

    def once[T](
        self, person: str, method: str, path: str, key: Key, body: bytes, answer: Any, act: Callable[[], T]
    ) -> T | Again:
        """By what the contract says of `Idempotency-Key`: what was refused the first time is done anew."""
        if not key.text:
            return act()
        where, _mark, query = path.partition("?")
        slot, sent = (person, method, where, key.text), (query, body)
        kept = self.kept.get(slot)
        if kept is None:
            result = act()
            self.kept[slot] = sent, Again(told(answer))
            return result
        if sent != kept[0] and not key.names_a_cycle:
            raise Refused(422, "key_reused")
        return kept[1]

    def check_refusal(self, caller: Caller, path: str, answer: Any, refusal: Refused) -> None:
        if refusal.code != "changed_meanwhile":
            assert_error(answer, refusal.status, refusal.code)
            return
        body = answer.json()
        assert (answer.status_code, body["statusCode"], body["code"]) == (412, 412, "changed_meanwhile")
        assert caller.person
        shown = self.desk.visible(caller.person, path.split("/")[2])
        assert body["ticket"] == (shown and ticket_json(shown))

    def one_ticket(
        self, caller: Caller, method: str, path: str, act: Callable[[Person, Any], Ticket], **options: Any
    ) -> None:
        """As `api`, for what is answered by one ticket."""

        def check(answer: Any, ticket: Ticket) -> None:
            assert answer.json() == ticket_json(ticket)
            assert answer["ETag"] == f'"{ticket.version}"'

        self.api(caller, method, path, act, check=check, **options)

    # --- Pages --------------------------------------------------------------------------------------------------------

    def look[T](self, caller: Caller, path: str, act: Callable[[Person], T]) -> tuple[Any, T | None]:
        """The page, and what `act` makes of the model."""
        return self.judge_page(caller, caller.browser.get(path), act, 200)

    def post[T](
        self, caller: Caller, path: str, act: Callable[[Person], T], fields: dict[str, Any], status: int = 302
    ) -> tuple[Any, T | None]:
        """Post the form; as `api` otherwise."""
        return self.judge_page(caller, caller.browser.post(path, fields), act, status)

    def judge_page[T](
        self, caller: Caller, answer: Any, act: Callable[[Person], T], status: int
    ) -> tuple[Any, T | None]:
        if not caller.person or not caller.accepted:
            self.counts.answers["page: sign in"] += 1
            assert answer.status_code == 302, answer.content
            assert answer["Location"].startswith("/desk/login/?next=/desk/"), answer["Location"]
            self.compare()
            return answer, None
        try:
            result = act(caller.person)
        except Refused as refusal:
            self.counts.answers[f"page {refusal.status} {refusal.code}"] += 1
            self.check_refused_page(answer, refusal)
            self.compare()
            return answer, None
        self.counts.answers[f"page {answer.status_code}"] += 1
        assert answer.status_code == status, (answer.status_code, answer.content.decode())
        self.compare()
        return answer, result

    def check_refused_page(self, answer: Any, refusal: Refused) -> None:
        """Some pages say by other means than a code what is the matter."""
        assert answer.status_code == refusal.status, (refusal, answer.status_code)
        assert not refusal.code or f'data-refusal="{refusal.code}"' in answer.content.decode(), refusal

    # --- Comparing ----------------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """All tickets are as the model has them, and so is the history of those that this step has touched."""
        self.counts.steps += 1
        step = self.desk.steps[-1]
        touched = {
            entry.ticket for entry in step if isinstance(entry, Entry)
        }  # what is said changes nothing of a ticket
        rows = {str(row.pop("pk")): plain(row) for row in TicketRow.objects.values("pk", *TICKET_COLUMNS)}
        assert rows.keys() == self.desk.tickets.keys()
        for id, ticket in self.desk.tickets.items():
            if id in touched:
                learn_times(ticket, rows[id])
            assert rows[id] == row_of(ticket)
        said = {str(row.pop("pk")): plain(row) for row in CommentRow.objects.values("pk", *COMMENT_COLUMNS)}
        assert said == {id: comment_row(comment) for id, comment in self.desk.comments.items()}
        assert HistoryEntry.objects.count() == sum(ticket.version for ticket in self.desk.tickets.values())
        if step:
            self.compare_history(touched)
            self.counts.entries.update(entry.action for entry in step)
            self.desk.steps.append([])

    def compare_history(self, ids: set[str]) -> None:
        found: dict[str, list[dict[str, Any]]] = {}
        for row in (
            HistoryEntry.objects.filter(ticket__in=list(map(uuid.UUID, ids))).order_by("version").values(*ENTRY_COLUMNS)
        ):
            found.setdefault(str(row["ticket_id"]), []).append(plain(row))
        expected = {
            id: [
                {name: getattr(entry, NAMES.get(name, name)) for name in ENTRY_COLUMNS}
                for entry in self.desk.tickets[id].history
            ]
            for id in ids
        }
        assert found == expected

    def follow(self, client: ApiClient) -> None:
        """Read the events to their end: each step of the model comes in its turn, in whatever order within it."""
        before = len(self.follower.told)
        self.follower.ask = lambda path: client.get(path).json()
        self.follower.poll()
        told = [
            {name: value for name, value in event.items() if name not in ("cursor", "at")}
            for event in self.follower.told[before:]
        ]
        for step in self.desk.steps[self.followed :]:
            expected = [event_json(self.desk, entry) for entry in step]
            assert sorted(told[: len(step)], key=json.dumps) == sorted(expected, key=json.dumps)
            told = told[len(step) :]
        assert told == []
        self.followed = len(self.desk.steps) - 1

    def teardown(self) -> None:
        """At the end everything is looked at from every side."""
        reader = ApiClient(factories.manager())
        self.follow(reader)
        self.compare_history(set(self.desk.tickets))
        self.follower.told.sort(key=lambda event: event["version"])
        expected = {ticket.id: (ticket.status, ticket.deleter is not None) for ticket in self.desk.tickets.values()}
        assert self.follower.statuses() == expected
        assert by_status() == dict.fromkeys(by_status(), 0) | Counter(ticket.status for ticket in self.desk.live())
        for ticket in self.desk.live():
            assert reader.get(f"/tickets/{ticket.id}").json() == ticket_json(ticket)
            entries = reader.get(f"/tickets/{ticket.id}/history").json()
            assert [without(entry, "id", "createdAt") for entry in entries] == [
                entry_json(entry) for entry in reversed(ticket.history)
            ]
            assert entries[0]["createdAt"] == iso(ticket.updated_at)
        assert list(findings(Scope())) == []


def empty_tables() -> None:
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    statements = connection.ops.sql_flush(no_style(), tables, reset_sequences=False, allow_cascade=False)
    connection.ops.execute_sql_flush(statements)


def told(answer: Any) -> tuple[Any, ...]:
    return answer.status_code, answer.json(), answer.get("ETag"), answer.get("Location")


def plain(row: dict[str, Any]) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, uuid.UUID) else value for name, value in row.items()}


def without(body: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in names}


def learn_times(ticket: Ticket, row: dict[str, Any]) -> None:
    """When it was changed is the database's to say; it goes on, and a deletion has the time of that change."""
    now = row["updated_at"]
    if ticket.created_at is None:
        ticket.created_at = now
    assert now >= (ticket.updated_at or ticket.created_at)
    ticket.updated_at = now
    ticket.deleted_at = None if ticket.deleter is None else ticket.deleted_at or now


def row_of(ticket: Ticket) -> dict[str, Any]:
    return {
        "ticket_number": ticket.number,
        "title": ticket.title,
        "description": ticket.description,
        "due_date": ticket.due,
        "severity": ticket.severity,
        "ai_suggested_severity": ticket.suggested,
        "status": ticket.status,
        "created_by_id": ticket.creator,
        "reviewed_by_id": ticket.reviewer,
        "deleted_by_id": ticket.deleter,
        "version": ticket.version,
        "created_at": ticket.created_at,
        "updated_at": ticket.updated_at,
        "deleted_at": ticket.deleted_at,
    }


def comment_row(comment: Comment) -> dict[str, Any]:
    values = (comment.ticket, comment.author, comment.text, comment.is_question, comment.remover)
    return dict(zip(COMMENT_COLUMNS, values, strict=True))
