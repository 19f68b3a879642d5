"""Support staff move tickets by the workflow's rules only, and cannot touch history."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.models import User
from tests.support.factories import associate, deleted, manager, ticket
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db


def admin_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def act(user: User, action: str, *tickets: Ticket, **fields: str) -> str:
    """Run an admin action on tickets; the page that follows."""
    data = {"action": action, "_selected_action": [str(ticket.pk) for ticket in tickets], **fields}
    return admin_of(user).post("/admin/tickets/ticket/", data, follow=True).content.decode()


def test_a_manager_on_the_staff_approves() -> None:
    draft, user = ticket("DRAFT"), manager(is_staff=True)
    act(user, "approve", draft)
    draft.refresh_from_db()
    assert (draft.status, draft.reviewed_by) == ("PENDING", user)
    assert HistoryEntry.objects.filter(ticket=draft, action="approved", user=user).count() == 1


def test_the_staff_flag_gives_no_rights_over_tickets() -> None:
    draft, user = ticket("DRAFT"), associate(is_staff=True)
    assert "Forbidden resource" in act(user, "approve", draft)
    assert "Forbidden resource" in act(user, "change_severity", draft, severity="HIGH", reason="why")
    assert "You may not do this" in act(user, "soft_delete", draft)
    draft.refresh_from_db()
    assert (draft.status, draft.version, draft.deleted_at) == ("DRAFT", 1, None)


def test_each_refusal_names_its_ticket_and_the_others_go_on() -> None:
    user = manager(is_staff=True)
    own, other = ticket("DRAFT", author=user), ticket("DRAFT")
    page = act(user, "approve", own, other)
    assert f"{own.ticket_number}: Manager cannot review own ticket" in page
    assert "Done for 1 ticket." in page
    other.refresh_from_db()
    assert other.status == "PENDING"


def test_severity_changes_need_a_reason() -> None:
    draft, user = ticket("DRAFT", severity="LOW"), manager(is_staff=True)
    assert "severityChangeReason is required" in act(user, "change_severity", draft, severity="HIGH")
    assert "severityChangeReason is required" in act(user, "change_severity", draft, severity="HIGH", reason="  ")
    act(user, "change_severity", draft, severity="HIGH", reason=" More are hit ")
    draft.refresh_from_db()
    assert (draft.status, draft.severity) == ("REVIEW", "HIGH")
    assert draft.history.newest_first()[0].reason == "severity changed: More are hit"


def test_an_unknown_severity_is_refused() -> None:
    draft, user = ticket("DRAFT"), manager(is_staff=True)
    act(user, "change_severity", draft, severity="FOO", reason="why")
    draft.refresh_from_db()
    assert (draft.status, draft.version) == ("DRAFT", 1)


def test_delete_and_restore() -> None:
    draft, user = ticket("DRAFT"), manager(is_staff=True)
    act(user, "soft_delete", draft)
    draft.refresh_from_db()
    assert draft.deleted_by == user
    act(user, "restore", draft)
    draft.refresh_from_db()
    assert draft.deleted_at is None


@pytest.mark.parametrize("model", ["ticket", "historyentry"])
def test_nothing_is_added_changed_or_removed_by_forms(model: str) -> None:
    gone = deleted(ticket("DRAFT"))
    row = gone.pk if model == "ticket" else HistoryEntry.objects.filter(ticket=gone).newest_first()[0].pk
    client = admin_of(manager(is_staff=True))
    assert client.get(f"/admin/tickets/{model}/").status_code == 200
    assert client.get(f"/admin/tickets/{model}/{row}/change/").status_code == 200
    assert client.post(f"/admin/tickets/{model}/{row}/change/", {"title": "x"}).status_code == 403
    assert client.get(f"/admin/tickets/{model}/add/").status_code == 403
    assert client.post(f"/admin/tickets/{model}/{row}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    "path",
    [
        "tickets/ticket/?status__exact=",
        "tickets/ticket/?severity__exact=",
        "tickets/ticket/?deleted_at__isempty=",
        "tickets/ticket/?q=",
        "tickets/ticket/?p=",
        "tickets/ticket/?o=",
        "tickets/ticket/?_to_field=",
        "tickets/historyentry/?action__exact=",
        "accounts/user/?role__exact=",
        "accounts/user/?e=",
    ],
)
@pytest.mark.parametrize("value", ["%00", "%FF", "FOO", "-1", "9" * 30])
def test_an_odd_query_is_no_server_error(path: str, value: str) -> None:
    client = admin_of(associate(is_staff=True))
    client.raise_request_exception = False
    assert client.get(f"/admin/{path}{value}").status_code in (200, 302, 400)
