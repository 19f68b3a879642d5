"""Keys of forms and cycles from before there was one table for all mean the same afterwards, and go back."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import IdempotencyKey
from csvsync.exchange.cycle import run_cycle
from csvsync.models import Run
from csvsync.runs.ledger import key_of_cycle
from tests.support import factories
from tests.support.keyed import let_pass
from tickets.actions import create_ticket_once
from tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)

BEFORE = [("tickets", "0016_saved_view"), ("csvsync", "0006_dry_runs")]
FORM = {"title": "T", "description": "D", "due_date": factories.DUE_DATE, "severity": "LOW"}
NOW = timezone.now()
CYCLES = [("SUCCEEDED", "2026-11-01"), ("SUCCEEDED", None), ("FAILED", "2026-11-02"), ("SUCCEEDED", "2026-11-02")]


def migrate(to: list[tuple[str, str]] | None = None) -> Any:
    """The models as they are then; everything to the newest without a place."""
    executor = MigrationExecutor(connection)
    executor.migrate(to or executor.loader.graph.leaf_nodes())
    return MigrationExecutor(connection).loader.project_state(to).apps if to else None


@pytest.fixture(autouse=True)
def _everything_is_migrated_afterwards(transactional_db: None) -> Iterator[None]:
    yield
    migrate()


def test_keys_of_before_are_carried_over_and_back() -> None:
    author = factories.associate()
    tickets = [factories.ticket(author=author) for _ in range(3)]
    forms = {uuid.uuid4(): ticket for ticket in tickets}
    apps = migrate(BEFORE)
    for key, ticket in forms.items():
        apps.get_model("tickets", "Submission").objects.create(key=key, user_id=author.pk, ticket_id=ticket.pk)
    for state, name in CYCLES:
        ended = {"finished_at": NOW, "error": "" if state == "SUCCEEDED" else "x", "idempotency_key": name}
        began = {"started_at": NOW, "heartbeat_at": NOW, "host": "h", "pid": 1}
        counts = {"exported": 7, "distribution": {}, "updated": 0, "skipped": 0, "errors": 0, "total": 0}
        apps.get_model("csvsync", "Run").objects.create(kind="CYCLE", state=state, counts=counts, **began, **ended)

    migrate()
    for key, ticket in forms.items():
        assert create_ticket_once(author, key, **FORM) == ticket
    for name in ("2026-11-01", "2026-11-02"):
        assert run_cycle(None, key=key_of_cycle(name)).exported == 7
    assert IdempotencyKey.objects.count() == 3 + 2

    apps = migrate(BEFORE)
    assert set(apps.get_model("tickets", "Submission").objects.values_list("key", "ticket_id")) == {
        (key, ticket.pk) for key, ticket in forms.items()
    }
    keyed = apps.get_model("csvsync", "Run").objects.exclude(idempotency_key=None)
    assert set(keyed.values_list("idempotency_key", flat=True)) == {"2026-11-01", "2026-11-02"}

    migrate()
    let_pass(timedelta(days=31))
    [key, *_others] = forms
    assert create_ticket_once(author, key, **FORM) not in tickets
    assert run_cycle(None, key=key_of_cycle("2026-11-01")).exported == 7
    assert (Ticket.objects.count(), Run.objects.filter(kind="CYCLE").count()) == (4, 4)
