"""Changes that are seen later than they are dated: nobody who follows along misses one, or is told of it twice."""

from __future__ import annotations

import re
import threading
from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from pytest_django import Settings

from accounts.models import User
from config import clock
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.databases.transactions import not_yet_committed
from tests.support.fakes.smtp import IN_MEMORY
from tests.support.installation import Installation, an_installation
from tests.support.poller import OVERLAP, Poller, changes_of
from tests.support.served import served
from tests.support.server import ROOT
from tickets import actions
from tickets.inbox.models import Kind, Told, Way
from tickets.inbox.ways import choose_ways
from tickets.outbox.sending import send_due

POLL_SECONDS = 0.1


def test_the_documents_name_the_overlap() -> None:
    [said] = re.findall(r"an overlap of \*\*(\d+) minutes\*\*", (ROOT / "docs/api.md").read_text())
    assert timedelta(minutes=int(said)) == OVERLAP == clock.LONGEST_TRANSACTION


# --- One change that takes its time ----------------------------------------------------------------------------------


def mailed() -> list[str]:
    """The last word of the title in the subject of each mail that is sent now."""
    mail.outbox.clear()
    send_due()
    return sorted(letter.subject.rpartition(" ")[2] for letter in mail.outbox)


@pytest.fixture
def _mail(settings: Settings) -> None:
    settings.HAS_MAIL = True
    settings.MAILERS = IN_MEMORY
    settings.MAIL_GATHER = timedelta(0)


@pytest.fixture
def boss(transactional_db: None) -> User:
    return factories.manager()


@pytest.mark.usefixtures("_mail")
def test_mail_leaves_out_nothing_and_tells_nothing_twice(boss: User) -> None:
    author = factories.associate()
    choose_ways(author, {Kind.APPROVED: Way.MAIL})
    late, soon = (factories.ticket(author=author, title=title) for title in ("late", "soon"))
    with not_yet_committed(lambda: actions.approve_ticket(boss, late.pk)):
        if connection.vendor == "postgresql":  # only one writes on SQLite
            actions.approve_ticket(boss, soon.pk)
        first = mailed()
    assert first == (["soon"] if connection.vendor == "postgresql" else [])
    if connection.vendor == "sqlite":
        actions.approve_ticket(boss, soon.pk)
    assert sorted([*first, *mailed()]) == ["late", "soon"]
    assert mailed() == []


def test_an_inbox_that_is_read_keeps_what_comes_in_behind_it(boss: User) -> None:
    if connection.vendor == "sqlite":
        return  # only one writes, so nothing comes in behind what is seen
    author = factories.associate()
    late, soon = (factories.ticket(author=author, title=title) for title in ("late", "soon"))
    with not_yet_committed(lambda: actions.approve_ticket(boss, late.pk)):
        actions.approve_ticket(boss, soon.pk)
        api = ApiClient(author).client
        api.force_login(author)
        page = api.get("/desk/inbox/").content.decode()
        [things] = re.findall(r'name="things" value="([^"]+)"', page)
        api.post("/desk/inbox/", {"read": "all", "things": things})
    unread = Told.objects.unread_by(author)
    assert [told.ticket_id for told in unread] == [late.pk]


def test_what_is_settled_lies_before_whoever_is_writing(boss: User) -> None:
    ticket = factories.ticket()
    before = clock.now()
    with not_yet_committed(lambda: actions.approve_ticket(boss, ticket.pk)):
        assert before - OVERLAP <= clock.settled() <= clock.now()
        dated = clock.now()
        assert clock.settled() < dated
    ticket.refresh_from_db()
    assert ticket.updated_at >= before
    assert ticket.updated_at <= clock.settled() + timedelta(milliseconds=1)


# --- A client that polls, as the documents say -----------------------------------------------------------------------


installed = an_installation()


def test_a_client_that_polls_misses_nothing_of_an_import(installed: Installation, long_run: bool) -> None:
    rows = 100_000 if long_run else 500
    installed.add_tickets(rows)
    with served(installed) as desk, installed.commands() as manage:
        poller, cycle = Poller(desk), manage.start("run_nightly")
        over = threading.Event()
        while not cycle.has_ended():
            poller.poll()
            over.wait(POLL_SECONDS)
        assert cycle.wait() == 0, cycle.log.read_text()
        poller.poll()
    assert poller.polls > 1
    assert poller.known == changes_of(installed)
    assert len(poller.known) == rows
