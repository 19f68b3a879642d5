"""`manage.py demo`: what it writes about exchange and triage must agree with the history of its tickets."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from accounts.models import User
from csvsync.models import Run
from tests.support.databases.modules import made_for_a_module
from tests.support.pages import Desk, words
from tickets.models import HistoryEntry, Ticket
from triage.llm.chat import Call
from triage.matching import match_tickets
from triage.models import Suggestion

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo")]


def make_demo() -> None:
    with override_settings(DEMO=True):
        call_command("demo", verbosity=0, tickets=300)


demo = made_for_a_module(make_demo)


def boss() -> Desk:
    return Desk(User.objects.get(email="manager@example.com"))


def statuses_before(moment: datetime) -> dict[UUID, str]:
    """The statuses before that moment, by the history."""
    entries = HistoryEntry.objects.filter(created_at__lt=moment).order_by("created_at", "version")
    return dict(entries.values_list("ticket_id", "to_status"))


def imported(**which: Any) -> Counter[tuple[str | None, str]]:
    """How many made which move."""
    entries = HistoryEntry.objects.filter(action="imported", **which)
    return Counter(entries.values_list("from_status", "to_status"))


def cycles() -> Iterator[tuple[Run, dict[str, Run]]]:
    for cycle in Run.objects.filter(kind="CYCLE").order_by("started_at"):
        yield cycle, {part.kind: part for part in cycle.parts.all()}


# --- The exchange -------------------------------------------------------------------------------------------------


def test_there_was_a_cycle_every_night_until_the_last() -> None:
    begun = [cycle.started_at for cycle, _parts in cycles()]
    assert {moment.timetz() for moment in begun} == {time(2, 15, tzinfo=UTC)}
    assert {later - earlier for earlier, later in pairwise(begun)} == {timedelta(days=1)}
    assert len(begun) > 120
    assert timedelta(0) < timezone.now() - begun[-1] <= timedelta(days=1, minutes=10)  # the demo was made a while ago
    assert {cycle.started_by_id for cycle, _parts in cycles()} == {None}
    assert Run.objects.filter(finished_at__gt=timezone.now()).count() == 0


def test_each_cycle_sent_what_was_approved_and_brought_back_what_the_history_tells() -> None:
    told: Counter[tuple[str | None, str]] = Counter()
    for cycle, parts in cycles():
        if cycle.state == "FAILED":
            continue
        moves = imported(user=None, created_at__range=(cycle.started_at, cycle.finished_at))
        told += moves
        waiting = Counter(statuses_before(cycle.started_at).values())["PENDING"]
        opened, closed = moves["PENDING", "OPEN"], moves["PENDING", "CLOSED"]
        updated = opened + closed
        report = {"updated": updated, "skipped": waiting - updated, "errors": 0, "total": waiting, "unreturned": 0}
        distribution = {"PENDING": waiting - updated, "OPEN": opened, "CLOSED": closed}
        assert cycle.counts == {"exported": waiting, "distribution": distribution, **report}
        assert parts["EXPORT"].counts == {"rows": waiting}
        assert set(parts) == ({"EXPORT", "PROCESS", "IMPORT"} if waiting else {"EXPORT"})
        if waiting:
            assert parts["IMPORT"].counts == report
    assert told == imported(user=None)
    assert sum(told.values()) > 50


def test_each_upload_brought_back_what_the_history_tells() -> None:
    uploads = Run.objects.filter(kind="IMPORT", cycle=None)
    told: Counter[tuple[str | None, str]] = Counter()
    for run in uploads:
        moves = imported(user=run.started_by_id, created_at__range=(run.started_at, run.finished_at))
        told += moves
        total = Counter(statuses_before(run.started_at).values())["OPEN"]
        updated = moves["OPEN", "CLOSED"]
        assert run.counts == {"updated": updated, "skipped": total - updated, "errors": 0, "total": total}
        assert updated > 0
    assert told == imported(user__isnull=False)
    assert set(told) == {("OPEN", "CLOSED")}
    assert {user.role for user in User.objects.filter(pk__in=uploads.values("started_by"))} == {"MANAGER"}


def test_one_night_failed_and_changed_nothing() -> None:
    [(cycle, parts)] = [(cycle, parts) for cycle, parts in cycles() if cycle.state == "FAILED"]
    assert set(parts) == {"EXPORT", "PROCESS"}
    assert (parts["EXPORT"].state, parts["PROCESS"].state) == ("SUCCEEDED", "FAILED")
    assert cycle.error == parts["PROCESS"].error != ""
    assert cycle.counts == {"exported": Counter(statuses_before(cycle.started_at).values())["PENDING"]}
    assert not imported(created_at__range=(cycle.started_at, cycle.finished_at))


def test_fingerprints_are_those_of_what_went_to_and_fro() -> None:
    cycle, parts = next((cycle, parts) for cycle, parts in reversed(list(cycles())) if cycle.counts.get("updated"))
    before, after = statuses_before(cycle.started_at), statuses_before(cycle.finished_at or timezone.now())
    sent = [ticket for ticket in Ticket.objects.order_by("year", "sequence") if before.get(ticket.pk) == "PENDING"]
    for part, statuses in (parts["EXPORT"], before), (parts["IMPORT"], after):
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["id", "ticket_number", "status", "severity", "title", "due_date"])
        for ticket in sent:
            due = ticket.due_date.strftime("%Y-%m-%dT%H:%M:%S.000Z")
            writer.writerow([ticket.pk, ticket.ticket_number, statuses[ticket.pk], ticket.severity, ticket.title, due])
        content = file.getvalue().encode()
        assert (part.size, part.sha256) == (len(content), hashlib.sha256(content).hexdigest())


def test_pages_show_the_runs() -> None:
    desk = boss()
    cycle = next(cycle for cycle, parts in reversed(list(cycles())) if "IMPORT" in parts)
    home = words(desk.text("/desk/"))
    assert "has not run yet" not in home
    assert "It has never been done yet" not in desk.text("/desk/exchange/")
    assert f"/desk/exchange/{cycle.pk}" in desk.text("/desk/exchange/")
    for run in [cycle, *cycle.parts.all(), *Run.objects.filter(state="FAILED")]:
        page = words(desk.text(f"/desk/exchange/{run.pk}/"))
        assert "Download the file" not in page
        assert ("Its file is not kept any more" in page) == (run.kind == "IMPORT")
        assert desk.get(f"/desk/exchange/{run.pk}/file/").status_code == 404


# --- Triage -------------------------------------------------------------------------------------------------------


def test_each_suggested_severity_is_in_the_ledger() -> None:
    suggested = Ticket.objects.exclude(ai_suggested_severity=None)
    assert suggested.count() == Suggestion.objects.count() > 200
    for suggestion in Suggestion.objects.select_related("ticket"):
        assert suggestion.ticket is not None
        assert suggestion.severity == suggestion.ticket.ai_suggested_severity
        assert suggestion.reasons
    models = Counter(Suggestion.objects.values_list("source", "model"))
    assert set(models) == {("HEURISTIC", None), ("LLM", "gpt-4o-mini")}
    assert models["HEURISTIC", None] > models["LLM", "gpt-4o-mini"] > 30


def test_matching_finds_the_same_tickets() -> None:
    written = dict(Suggestion.objects.values_list("pk", "ticket"))
    assert match_tickets() == 0
    Suggestion.objects.update(ticket=None, matched_at=None)
    assert match_tickets() == len(written)
    assert dict(Suggestion.objects.values_list("pk", "ticket")) == written


def test_the_triage_page_knows_every_source() -> None:
    page = words(boss().text("/desk/triage/"))
    assert "Not in the ledger" not in page
    for shown in ("Heuristic", "Language model", "gpt-4o-mini"):
        assert shown in page


def test_what_the_demo_made_up_answers_no_real_question() -> None:
    real = Call("key", "gpt-4o-mini", "https://api.openai.com/v1", 2.5)
    made_up = Suggestion.objects.filter(source="LLM", model=real.model, server=real.server)
    assert made_up.exists()
    assert not made_up.filter(prompt_version=real.prompt_version).exists()
