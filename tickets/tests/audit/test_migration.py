"""Entries from before there were hashes get theirs by migrating, and so do those that are written meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command

from tests.support import factories
from tests.support.databases import past
from tests.support.forgery import assert_chained, sql
from tests.support.version_before import writing_as_before_hashes
from tickets import actions
from tickets.audit import completing

pytestmark = pytest.mark.django_db(transaction=True)

FILLED = ("tickets", "0021_hash_history_of_before")


@pytest.fixture(autouse=True)
def _before_hashes(transactional_db: None) -> Iterator[None]:
    with past.desk("before_hashes"):
        yield


def edited_twice() -> None:
    ticket = factories.ticket("REVIEW", title="First", description="One")
    actions.edit_ticket(ticket.created_by, ticket.pk, title="Second")
    factories.advance(ticket, "REVIEW")
    actions.edit_ticket(ticket.created_by, ticket.pk, title="Third", description="Two")


def test_what_is_there_and_what_is_written_between_two_steps_is_hashed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completing, "BATCH", 2)
    with writing_as_before_hashes():
        for _ in range(3):
            edited_twice()
        past.migrate(FILLED)
        assert sql("SELECT COUNT(*), COUNT(hash) FROM tickets_historyentry") == [(3 * 5, 3 * 5)]
        pending = factories.ticket("PENDING")  # by a program that still runs
        deleted = factories.deleted(factories.ticket())
    past.migrate()
    factories.import_status(pending, "CLOSED")
    factories.restored(deleted)
    assert_chained(3 * 5 + 3 + 3)
    call_command("audit")
