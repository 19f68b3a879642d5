"""Keys of forms and cycles from before there was one table for all mean the same afterwards, and go back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import IdempotencyKey
from csvsync.exchange.cycle import run_cycle
from csvsync.models import Run
from csvsync.runs.ledger import key_of_cycle
from tests.support import factories
from tests.support.databases import past
from tests.support.keyed import let_pass
from tests.support.version_before import writing_as_before_hashes
from tickets.actions import create_ticket_once
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("tickets", "0016_saved_view"), ("csvsync", "0006_dry_runs")]
CARRIED = [("tickets", "0018_no_submissions"), ("csvsync", "0008_no_run_keys")]
FORM = {"title": "T", "description": "D", "due_date": factories.DUE_DATE, "severity": "LOW"}
NOW = timezone.now()
CYCLES = [("SUCCEEDED", "2026-11-01"), ("SUCCEEDED", None), ("FAILED", "2026-11-02"), ("SUCCEEDED", "2026-11-02")]


@pytest.fixture(autouse=True)
def _before_one_table_of_keys(transactional_db: None) -> Iterator[None]:
    with past.desk("before_one_table_of_keys"):
        yield


def test_keys_of_before_are_carried_over_and_back() -> None:
    author = factories.associate()
    with writing_as_before_hashes():
        tickets = [factories.ticket(author=author) for _ in range(3)]
    forms = {uuid.uuid4(): ticket for ticket in tickets}
    apps = past.models()
    for key, ticket in forms.items():
        apps.get_model("tickets", "Submission").objects.create(key=key, user_id=author.pk, ticket_id=ticket.pk)
    for state, name in CYCLES:
        ended = {"finished_at": NOW, "error": "" if state == "SUCCEEDED" else "x", "idempotency_key": name}
        began = {"started_at": NOW, "heartbeat_at": NOW, "host": "h", "pid": 1}
        counts = {"exported": 7, "distribution": {}, "updated": 0, "skipped": 0, "errors": 0, "total": 0}
        apps.get_model("csvsync", "Run").objects.create(kind="CYCLE", state=state, counts=counts, **began, **ended)

    past.migrate(*CARRIED)
    assert IdempotencyKey.objects.count() == 3 + 2
    past.migrate(*BEFORE)
    apps = past.models()
    assert set(apps.get_model("tickets", "Submission").objects.values_list("key", "ticket_id")) == {
        (key, ticket.pk) for key, ticket in forms.items()
    }
    keyed = apps.get_model("csvsync", "Run").objects.exclude(idempotency_key=None)
    assert set(keyed.values_list("idempotency_key", flat=True)) == {"2026-11-01", "2026-11-02"}

    past.migrate()
    for key, ticket in forms.items():
        assert create_ticket_once(author, key, **FORM) == ticket
    for name in ("2026-11-01", "2026-11-02"):
        assert run_cycle(None, key=key_of_cycle(name)).exported == 7
    assert IdempotencyKey.objects.count() == 3 + 2
    let_pass(timedelta(days=31))
    [key, *_others] = forms
    assert create_ticket_once(author, key, **FORM) not in tickets
    assert run_cycle(None, key=key_of_cycle("2026-11-01")).exported == 7
    assert (Ticket.objects.count(), Run.objects.filter(kind="CYCLE").count()) == (4, 4)
