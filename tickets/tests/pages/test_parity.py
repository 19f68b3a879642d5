"""What pages write is what the API writes. Who may do what by either is in tests/grid/test_moves.py."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import factories
from tests.support.client import ApiClient
from tests.support.pages import Desk
from tickets.models import Ticket


def written(ticket: Ticket) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The row and the history without what tells two tickets apart."""
    own = ("id", "ticket_number", "sequence", "created_at", "updated_at", "salt", "texts_hash", "hash")
    [row] = Ticket.objects.filter(pk=ticket.pk).values()
    entries = ticket.history.order_by("version").values()
    return (
        {name: value for name, value in row.items() if name not in own},
        [{name: value for name, value in entry.items() if name not in (*own, "ticket_id")} for entry in entries],
    )


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["ASSOCIATE", "MANAGER"])
@pytest.mark.parametrize("suggested", ["LOW", None])
def test_a_page_raises_what_the_api_raises(role: str, suggested: str | None) -> None:
    user = factories.person(role)
    body = {"title": " Título ", "description": "a\nb\n", "severity": "HIGH", "aiSuggestedSeverity": suggested}
    answer = ApiClient(user).post("/tickets", {**body, "dueDate": "2026-07-01T09:30:00.000Z"})
    assert answer.status_code == 201
    form = {**body, "description": "a\r\nb\r\n", "due_date": "2026-07-01T09:30"}
    form["ai_suggested_severity"] = form.pop("aiSuggestedSeverity") or ""
    assert Desk(user).post("/desk/tickets/new/", form).status_code == 302
    by_page, by_api = Ticket.objects.newest_first()
    assert written(by_page) == written(by_api)
    row, [entry] = written(by_page)
    assert (row["title"], row["description"], row["ai_suggested_severity"]) == ("Título", "a\nb\n", suggested)
    assert (entry["reason"], entry["to_status"], entry["to_severity"]) == ("created", "DRAFT", "HIGH")


@pytest.mark.django_db
@pytest.mark.parametrize("actor", ["author", "manager"])
@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        ({"title": "New"}, "edited (title)"),
        ({"description": "New\ntext"}, "edited (description)"),
        ({"title": "New", "description": "New\ntext"}, "edited (title, description)"),
        ({"title": "The printer"}, "edited (nothing)"),
    ],
)
def test_a_page_edits_as_the_api_does(texts: dict[str, str], reason: str, actor: str) -> None:
    author, reviewer, other = factories.associate(), factories.manager(), factories.manager()
    user = {"author": author, "manager": other}[actor]
    by_api, by_page = (factories.ticket("REVIEW", author=author, reviewer=reviewer, title="The printer") for _ in "12")
    assert ApiClient(user).patch(f"/tickets/{by_api.pk}", texts).status_code == 200
    form = {"title": by_page.title, "description": by_page.description, "version": by_page.version, **texts}
    form["description"] = str(form["description"]).replace("\n", "\r\n")
    assert Desk(user).post(f"/desk/tickets/{by_page.ticket_number}/edit/", form).status_code == 302
    assert written(by_page) == written(by_api)
    assert written(by_page)[1][-1]["reason"] == reason


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["approve", "delete"])
def test_a_bulk_action_is_the_action_of_each_ticket(name: str) -> None:
    author, boss = factories.associate(), factories.manager()
    by_api, by_bulk = factories.ticket(author=author), factories.ticket(author=author)
    client = ApiClient(boss)
    if name == "approve":
        assert client.patch(f"/tickets/{by_api.pk}/review", {"action": "APPROVE"}).status_code == 200
    else:
        assert client.delete(f"/tickets/{by_api.pk}").status_code == 200
    chosen = {"action": name, "ticket": [f"{by_bulk.pk}.{by_bulk.version}"]}
    assert Desk(boss).post("/desk/tickets/bulk/", chosen).status_code == 200
    one, other = written(by_bulk), written(by_api)
    for row, _entries in (one, other):
        assert (row.pop("deleted_at") is not None) == (name == "delete")
    assert one == other
