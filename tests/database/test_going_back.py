"""A desk of today goes back to the far past and comes again, with all that both know of."""

from __future__ import annotations

import uuid

import pytest
from django.core.management import call_command

from tests.support import factories
from tests.support.client import ApiClient
from tests.support.databases import past
from tests.support.forgery import assert_chained, sql
from tickets import actions
from tickets.actions import create_ticket_once
from tickets.models import TicketText, Told

FAR_PAST = [("tickets", "0009_totals"), ("accounts", "0012_names"), ("csvsync", "0006_dry_runs")]
FORM = {"title": "T", "description": "D", "due_date": factories.DUE_DATE, "severity": "LOW"}


def told_events() -> list[tuple[str, int]]:
    items = ApiClient(factories.associate()).get("/events?limit=1000").json()["items"]
    return [(event["ticketId"], event["version"]) for event in items]


@pytest.mark.django_db(transaction=True)
def test_what_both_know_of_comes_back_from_the_far_past() -> None:
    author, boss = factories.associate(name="A. Thor"), factories.manager()
    approved = factories.ticket(author=author, title="can\u2019t", description="a\nb")
    factories.comment(approved, author=boss)  # the far past knows no comments
    actions.approve_ticket(boss, approved.pk)
    deleted = factories.deleted(factories.ticket(author=author))
    key = uuid.uuid4()
    formed = create_ticket_once(author, key, **FORM)
    events = [(str(approved.pk), 1), (str(approved.pk), 2), (str(deleted.pk), 1), (str(deleted.pk), 2)]
    events.append((str(formed.pk), 1))

    past.migrate(*FAR_PAST)
    assert sql("SELECT COUNT(*) FROM tickets_submission") == [(1,)]
    sql("UPDATE tickets_tickettext SET text = 'as the version before has stored it'")
    past.migrate()

    assert told_events() == events
    assert_chained(len(events))
    call_command("audit")
    assert author.__class__.objects.get(pk=author.pk).name == "A. Thor"
    assert create_ticket_once(author, key, **FORM) == formed
    text = TicketText.objects.get(ticket=approved)
    assert (text.text, text.folding) == (f"{approved.ticket_number.lower()}Ωcan'tΩa b", 1)
    assert list(Told.objects.filter(user=author).values_list("kind", flat=True)) == ["APPROVED"]
    factories.restored(deleted)
    assert told_events() == [*events, (str(deleted.pk), 3)]
    assert_chained(len(events) + 1)
