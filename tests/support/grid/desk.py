"""The desk on which the whole grid is tried: everybody and everything made once, each request undone again.

Making people and tickets anew for each of some thousand requests would take longer than the requests do. Instead each
one runs in a savepoint that is rolled back, so that the next finds the same desk. What it has written is seen before
that: statements that write are counted while it runs, and only where there are any are the rows compared.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookies import SimpleCookie
from typing import Any

from django.contrib.auth.tokens import default_token_generator
from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.test import Client
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from accounts.actions import change_person
from accounts.models import AuditEntry, User
from accounts.record.acts import By
from accounts.signing_in.tokens import issue_token
from config import clock
from csvsync.exchange.cycle import run_cycle
from csvsync.models import Run
from tests.support import factories
from tests.support.client import ApiClient, shared_handler
from tests.support.csv_files import upload
from tests.support.factories import PASSWORD
from tests.support.grid.moves import STATES
from tests.support.pages import session_of
from tickets.models import Audit, CannedText, Erasure, HistoryEntry, SavedView, Ticket
from tickets.outbox.leaving import link_to_leave

WRITES = re.compile(r"\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE|WITH\b.*\b(INSERT|UPDATE|DELETE)\b)", re.S | re.I)
# Whose tickets an identity is tried on; those of the others are the author's.
OWN_TICKETS = ("deleter", "undoer", "own-manager", "own-chief", "promoted")
type Rows = dict[str, list[tuple[Any, ...]]]


class Answered:
    """An answer, the messages that it leaves for the next page, and what the request has written.

    Ask what it wrote before it is undone.
    """

    def __init__(self, response: Any, statements: list[str], changed_tables: Callable[[], list[str]]) -> None:
        self.response = response
        self.status: int = response.status_code
        self.body = response.getvalue() if response.streaming else response.content
        self.text = self.body.decode(errors="replace")
        self.location = response.headers.get("Location", "")
        self.statements = statements
        self._changed_tables = changed_tables

    @property
    def changed(self) -> list[str]:
        """The tables that have changed."""
        return self._changed_tables() if self.statements else []

    @property
    def wrote(self) -> list[str]:
        """What has changed, but for sessions: one that has ended is removed whenever it is used again."""
        if all("django_session" in sql for sql in self.statements):
            return []
        return [table for table in self.changed if table != "django_session"]

    @property
    def messages(self) -> list[str]:
        return [str(message) for message in get_messages(self.response.wsgi_request)]


class GridDesk:
    """Each person with a token and a session, and for each a ticket in each state."""

    def __init__(self) -> None:
        self.people: dict[str, User | None] = {"nobody": None}
        self.boss = factories.manager(email="boss@example.com", password=PASSWORD, is_staff=True)
        self.other = factories.associate(email="other@example.com", password=PASSWORD)
        for name, role, is_staff in [
            ("inactive", "MANAGER", True),
            ("demoted", "MANAGER", True),
            ("author", "ASSOCIATE", False),
            ("colleague", "ASSOCIATE", False),
            ("staff", "ASSOCIATE", True),
            ("deleter", "MANAGER", False),
            ("undoer", "ASSOCIATE", False),
            ("manager", "MANAGER", False),
            ("chief", "MANAGER", True),
            ("own-manager", "MANAGER", False),
            ("own-chief", "MANAGER", True),
            ("promoted", "ASSOCIATE", False),
        ]:
            email = f"{name}@example.com"
            self.people[name] = factories.person(role, email=email, password=PASSWORD, is_staff=is_staff)
        change_person(By(self.boss, "192.0.2.1"), self.person("colleague"), email="colleague@example.org")
        self.act = AuditEntry.objects.latest("pk")
        self.runs = self._runs()  # before there are tickets, which a cycle would move
        self.tokens: dict[str, str | None] = {"nobody": None}
        self.cookies: dict[str, str] = {}
        self._let_in("inactive", "demoted")
        self.tickets = {whose: self._tickets(whose) for whose in ("author", *OWN_TICKETS)}
        self.others_ticket = factories.ticket(author=self.other)
        self._change_people()
        now = clock.now()
        self.audit = Audit.objects.create(started_at=now, finished_at=now, found=0)
        erased = {"ticket": self.ticket("CLOSED", "author"), "first_version": 2, "last_version": 2}
        self.erasure = Erasure.objects.create(**erased, created_at=now, user=self.boss, why="The law asks for it.")
        self._let_in(*(name for name in self.people if name not in ("nobody", "inactive", "demoted")))
        self.comment = factories.comment(self.ticket("DRAFT", "author"), author=self.person("colleague"))
        self.views = {name: self._view(person) for name, person in self.people.items() if person}
        self.canned = {name: self._canned(person) for name, person in self.people.items() if person}
        self.boss_canned = self._canned(self.boss)
        self.shared, self.private = self._view(self.boss, is_shared=True), self._view(self.other)
        self.rows: dict[uuid.UUID, dict[str, Any]] = {row["id"]: dict(row) for row in Ticket.objects.values()}
        self.entries = HistoryEntry.objects.count()
        self.browser = Client(raise_request_exception=False)
        self.browser.handler = shared_handler()
        self.statements: list[str] = []
        self._names: dict[str, dict[str, Any]] = {}
        self._before: Rows = {}

    def _tickets(self, whose: str) -> dict[str, Ticket | None]:
        author = self.person("author" if whose == "deleter" else whose)
        deleter = self.person(whose) if whose in ("deleter", "undoer") else self.boss
        made: dict[str, Ticket | None] = {"none": None}
        for state in STATES[:-1]:
            ticket = factories.ticket(author=author, title="The printer", severity="MEDIUM")
            if whose == "deleter" and not state.startswith("-"):
                ticket = factories.restored(factories.deleted(ticket, by=deleter))
            ticket = factories.advance(ticket, state.removeprefix("-"), reviewer=self.boss)
            made[state] = factories.deleted(ticket, by=deleter) if state.startswith("-") else ticket
        return made

    def _change_people(self) -> None:
        inactive = self.person("inactive")
        inactive.is_active = False
        inactive.save()
        for name, role in [("demoted", "ASSOCIATE"), ("deleter", "ASSOCIATE"), ("promoted", "MANAGER")]:
            factories.set_role(self.person(name), role)

    def _let_in(self, *names: str) -> None:
        for name in names:
            person = self.person(name)
            person.refresh_from_db()
            self.tokens[name] = issue_token(person)
            self.cookies[name] = session_of(person)

    def _view(self, owner: User, **fields: Any) -> uuid.UUID:
        made: uuid.UUID = SavedView.objects.create(owner=owner, name="What is open", query="status=OPEN", **fields).pk
        return made

    def _canned(self, owner: User) -> uuid.UUID:
        made: uuid.UUID = CannedText.objects.create(owner=owner, name="Thanks", text="Thank you.", is_shared=True).pk
        return made

    def _runs(self) -> dict[str, Run]:
        boss = ApiClient(self.boss)
        run_cycle(self.boss)
        for query in ("", "?dryRun=true"):
            answer = upload(boss, f"/csv/import{query}", b"ticket_number,status\nTKT-2020-000001,OPEN\n")
            assert answer.status_code == 201, answer.content
        imports = Run.objects.filter(kind=Run.Kind.IMPORT, cycle=None)
        return {
            "run": imports.get(dry_run=False),
            "dry": imports.get(dry_run=True),
            "cycle": Run.objects.get(kind=Run.Kind.CYCLE),
        }

    def person(self, who: str) -> User:
        person = self.people[who]
        assert person is not None
        return person

    def ticket(self, state: str, who: str) -> Ticket | None:
        """The one on which this identity is tried; None for one that there is not."""
        return self.tickets[who if who in OWN_TICKETS else "author"][state]

    def names(self, who: str) -> dict[str, Any]:
        """What stands for the words in an address, such as `{ticket}`, for this identity."""
        if who not in self._names:
            self._names[who] = self._names_for(who)
        return self._names[who]

    def _names_for(self, who: str) -> dict[str, Any]:
        ticket = self.tickets["author"]["DRAFT"]
        assert ticket
        entry = ticket.history.newest_first()[0]
        person = self.people[who] or self.other
        secret = default_token_generator.make_token(self.other)
        return {
            "ticket": ticket.pk,
            "number": ticket.ticket_number,
            "othersnumber": self.others_ticket.ticket_number,
            "entry": entry.pk,
            "comment": self.comment.pk,
            "act": self.act.pk,
            "audit": self.audit.pk,
            "erasure": self.erasure.pk,
            "person": self.other.pk,
            "boss": self.boss.pk,
            "self": person.pk,
            "unknown": "00000000-0000-4000-8000-000000000000",
            "ticketlink": "00000000-0000-4000-8000-000000000000",
            "attachment": "00000000-0000-4000-8000-000000000000",
            "link": f"{urlsafe_base64_encode(force_bytes(self.other.pk))}/{secret}",
            "leaving": link_to_leave(self.other, ticket).rstrip("/").rpartition("/")[2],
            "uid": urlsafe_base64_encode(force_bytes(self.other.pk)),
            "view": self.views.get(who, self.private),
            "canned": self.canned.get(who, self.boss_canned),
            "bosscanned": self.boss_canned,
            "shared": self.shared,
            "private": self.private,
            **{name: run.pk for name, run in self.runs.items()},
        }

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Whatever the block writes is rolled back at its end."""
        with transaction.atomic():
            yield
            transaction.set_rollback(True)

    def api(self, who: str, method: str, path: str, *body: Any, **options: Any) -> Answered:
        client = ApiClient(token=self.tokens[who])
        return self._watched(lambda: client.send(method, path, *body, **options))

    def page(self, who: str, method: str, path: str, fields: Any = None, **options: Any) -> Answered:
        """As the browser of this identity sends it, which keeps nothing but the session it began with."""
        self.browser.cookies = SimpleCookie({"sessionid": self.cookies[who]} if who in self.cookies else {})
        send = getattr(self.browser, method.lower())
        return self._watched(lambda: send(path, fields, **options) if fields is not None else send(path, **options))

    def page_as_it_is(
        self, who: str, method: str, path: str, body: bytes, content_type: str, **options: Any
    ) -> Answered:
        """As `page`, with a body that is not made of fields."""
        self.browser.cookies = SimpleCookie({"sessionid": self.cookies[who]})
        return self._watched(lambda: self.browser.generic(method, path, body, content_type, **options))

    def _watched(self, send: Callable[[], Any]) -> Answered:
        if not self._before:
            self._before = everything()
        self.statements = []
        with connection.execute_wrapper(self._note):
            return Answered(send(), self.statements, self._changed_tables)  # which reads it to its end

    def _changed_tables(self) -> list[str]:
        """Those that are not as they were when the desk was made."""
        return sorted(table for table, rows in everything().items() if rows != self._before[table])

    def changed_tickets(self) -> list[str]:
        """The numbers of the tickets that have changed since the desk was made, one for each new entry of history."""
        changed = sorted(row["ticket_number"] for row in Ticket.objects.values() if row != self.rows.get(row["id"]))
        entries = HistoryEntry.objects.count() - self.entries
        return changed if entries == len(changed) else [*changed, f"{entries} entries"]

    def _note(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if isinstance(sql, str) and WRITES.match(sql):
            self.statements.append(sql)
        return execute(sql, params, many, context)


def everything() -> Rows:
    """All rows of all tables that the product has, each in the order of its first column."""
    tables = [*connection.introspection.django_table_names(only_existing=True), "tickets_event"]
    found: Rows = {}
    with connection.cursor() as cursor:
        for table in sorted(set(tables)):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            found[table] = list(cursor.fetchall())
    return found
