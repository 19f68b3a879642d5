"""`manage.py demo`: its tickets must have lived by the contract's rules."""

from __future__ import annotations

import io
from collections import Counter

import pytest
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from config.audit.findings import Scope
from config.audit.running import findings
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.databases.modules import made_for_a_module
from tickets.demo.conversations import CONVERSATIONS
from tickets.demo.problems import PROBLEMS
from tickets.models import Attachment, Comment, HistoryEntry, Ticket, TicketLink, TicketSequence

pytestmark = pytest.mark.django_db

# The contract's table of moves: (action, from, to).
LEGAL = {
    ("created", None, "DRAFT"),
    ("approved", "DRAFT", "PENDING"),
    ("severity_changed", "DRAFT", "REVIEW"),
    ("severity_changed", "DRAFT", "PENDING"),
    ("edited", "REVIEW", "DRAFT"),
    ("deleted", "DRAFT", "DRAFT"),
    ("deleted", "REVIEW", "REVIEW"),
    ("imported", "PENDING", "OPEN"),
    ("imported", "PENDING", "CLOSED"),
    ("imported", "OPEN", "CLOSED"),
}
RANKS = ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"]


def make_demo() -> str:
    """What the command says when it has made one."""
    out = io.StringIO()
    with override_settings(DEMO=True):
        call_command("demo", stdout=out)
    return out.getvalue()


demo = made_for_a_module(make_demo)


@pytest.fixture(autouse=True)
def _demo(settings: Settings) -> None:
    settings.DEMO = True


def test_a_demo_desk_stays_one_whoever_comes_to_it(demo: str) -> None:
    factories.manager()
    User.objects.filter(email="bruna@example.com").update(email="someone@example.com")
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert "There are tickets already: none were added." in out.getvalue()
    assert User.objects.filter(email="bruna@example.com").exists()


@pytest.mark.parametrize("account", ["associate", "manager"])
def test_the_demo_accounts_can_sign_in(demo: str, account: str) -> None:
    body = {"email": f"{account}@example.com", "password": "Password123!"}
    answer = ApiClient().post("/auth/login", body)
    assert answer.status_code == 201
    assert answer.json()["user"]["role"] == account.upper()
    own = ApiClient(token=answer.json()["access_token"]).get("/people/me").json()
    assert own["name"] == {"associate": "Alice Moreira", "manager": "Marcus Reed"}[account]


def test_makes_300_tickets_in_every_status_and_over_months(demo: str) -> None:
    assert Ticket.objects.count() == 300
    statuses = Counter(Ticket.objects.values_list("status", flat=True))
    assert set(statuses) == {"DRAFT", "REVIEW", "PENDING", "OPEN", "CLOSED"}
    assert statuses["PENDING"] >= 120
    oldest = Ticket.objects.oldest_first()[0]
    assert (timezone.now() - oldest.created_at).days > 120
    assert HistoryEntry.objects.filter(created_at__gt=timezone.now()).count() == 0


def test_a_second_time_adds_nothing(demo: str) -> None:
    stamps = set(User.objects.values_list("security_stamp", flat=True))
    call_command("demo", stdout=io.StringIO())
    assert Ticket.objects.count() == 300
    assert set(User.objects.values_list("security_stamp", flat=True)) == stamps


def test_numbers_have_no_gaps_and_go_on(demo: str) -> None:
    for sequence in TicketSequence.objects.all():
        tickets = Ticket.objects.filter(year=sequence.year).oldest_first()
        assert [ticket.sequence for ticket in tickets] == list(range(1, sequence.last_sequence + 1))
        times = [ticket.created_at for ticket in tickets]
        assert times == sorted(times)


def test_every_history_replays_to_its_ticket(demo: str) -> None:
    users = User.objects.in_bulk()
    for ticket in Ticket.objects.prefetch_related("history"):
        entries = sorted(ticket.history.all(), key=lambda entry: entry.version)
        assert [entry.version for entry in entries] == list(range(1, ticket.version + 1))
        status, severity, reviewer, description = None, None, None, entries[-1].ticket.description
        for entry in entries:
            assert (entry.action, entry.from_status, entry.to_status) in LEGAL
            assert entry.from_status == status
            status = entry.to_status
            actor = users.get(entry.user_id) if entry.user_id else None
            assert entry.actor_role == (actor.role if actor else None)
            if entry.action == "created":
                assert entry.user_id == ticket.created_by_id
                severity = entry.to_severity
            elif entry.action in ("approved", "severity_changed"):
                assert actor is not None
                assert actor.role == "MANAGER"
                assert actor.pk != ticket.created_by_id
                reviewer = actor.pk
            if entry.action == "severity_changed":
                assert entry.from_severity == severity
                rises = RANKS.index(str(entry.to_severity)) > RANKS.index(str(severity))
                assert entry.to_status == ("REVIEW" if rises else "PENDING")
                severity = entry.to_severity
            if entry.action == "edited":
                old, new = entry.changes["description"]
                assert old != new
                assert new == description
        assert (ticket.status, ticket.severity, ticket.reviewed_by_id) == (status, severity, reviewer)
        assert ticket.updated_at == entries[-1].created_at
        assert (ticket.deleted_at is not None) == (entries[-1].action == "deleted")
        times = [entry.created_at for entry in entries]
        assert times == sorted(times)
        assert times[0] == ticket.created_at


def test_demo_tickets_were_talked_about(demo: str) -> None:
    comments = Comment.objects.select_related("ticket", "author")
    assert len(comments) >= 40
    assert len({comment.ticket_id for comment in comments}) >= 12
    assert any(comment.is_question for comment in comments)
    for comment in comments:
        assert comment.ticket.deleted_at is None
        assert comment.ticket.created_at < comment.created_at < timezone.now()
        assert not (comment.is_question and comment.author == comment.ticket.created_by)
    assert list(findings(Scope())) == []


def test_people_of_the_demo_show_what_they_mean(demo: str) -> None:
    attachments = list(Attachment.objects.select_related("comment", "ticket"))
    assert {attachment.file_name for attachment in attachments} >= {"basket.png", "erro-4031.png", "retorno-pix.log"}
    for attachment in attachments:
        assert attachment.comment
        assert attachment.comment.ticket == attachment.ticket
        assert (attachment.created_at, attachment.uploaded_by) == (
            attachment.comment.created_at,
            attachment.comment.author,
        )
        assert attachment.has_preview == attachment.file_name.endswith(".png")
        assert (f"/attachments/{attachment.pk}/preview" in attachment.comment.html) == attachment.has_preview


def test_demo_tickets_are_linked(demo: str) -> None:
    links = list(TicketLink.objects.select_related("source", "target"))
    assert {link.kind for link in links} == {"DUPLICATE_OF", "FOLLOW_UP_OF", "RELATED"}
    assert len(links) >= 8
    for link in links:
        assert link.source.deleted_at is None
        assert link.target.deleted_at is None
        assert (link.kind == "DUPLICATE_OF") == (link.source.title == link.target.title)


def test_demo_tickets_are_found_by_search(demo: str) -> None:
    ticket = Ticket.objects.live().newest_first()[0]
    assert ticket in Ticket.objects.matching(ticket.title.upper()[:60])


def test_problems_are_many_and_different() -> None:
    assert len({problem.title for problem in PROBLEMS}) >= 150
    assert len({problem.description for problem in PROBLEMS}) == len(PROBLEMS)
    assert {problem.language for problem in PROBLEMS} == {"en", "pt"}
    talked_about = [problem for problem in PROBLEMS if problem.title in CONVERSATIONS]
    assert len(talked_about) == len(CONVERSATIONS) == 15
    assert {problem.language for problem in talked_about} == {"en", "pt"}
