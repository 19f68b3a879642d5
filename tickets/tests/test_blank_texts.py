"""A text of which nobody sees anything is no text, over REST and on the pages alike."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.pages import Desk, html
from tickets.models import SavedView, Ticket

UNSEEN = {
    "nothing": "",
    "spaces": " \t\u00a0\u3000\u2003",
    "line breaks": "\r\n\u2028\u0085",
    "zero width": "\u200b\u200c\u200d\u2060\ufeff",
    "filler of Hangul": "\u3164",
    "fillers of Hangul letters": "\u115f\u1160\uffa0",
    "Braille without a dot": "\u2800",
    "variation selectors": "\ufe0f\ufe00\U000e0100",
    "directions": "\u200e\u200f\u202a\u202e\u2066\u2069\u061c",
    "soft hyphen": "\u00ad",
    "joiner of graphemes": "\u034f",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "controls": "\x01\x1b\x7f\x9f",
    "of all kinds": " \u3164\u200b\u2800\ufe0f \n",
}
SEEN = ["a", ".", "\u0301", "\u200ba\u200b", "\u0600", "\u00ac", "\ufffd", "👩\u200d💻", "\u3164\u2801", "\u1100\u1160"]
unseen = pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
seen = pytest.mark.parametrize("text", SEEN, ids=range(len(SEEN)))
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]  # it is judged before the database is asked
BODY = {"dueDate": "2030-01-01", "severity": "LOW"}
FORM = {"due_date": "2030-01-01T00:00", "severity": "LOW"}


@pytest.fixture
def author() -> User:
    return factories.associate()


@unseen
@pytest.mark.parametrize("name", ["title", "description"])
def test_a_blank_text_is_refused_over_rest(author: User, name: str, text: str) -> None:
    client = ApiClient(author)
    texts = {"title": "t", "description": "d"} | {name: text}
    for answer in (client.post("/tickets", texts | BODY), client.post("/ai/severity-suggestion", texts)):
        body = assert_error(answer, 400, "invalid_input")
        assert body["fields"] == {name: ["This field may not be blank."]}
    made = factories.ticket("REVIEW", author=author)
    assert_error(client.patch(f"/tickets/{made.pk}", {name: text}), 400, "invalid_input")
    assert Ticket.objects.count() == 1


@unseen
@pytest.mark.parametrize("name", ["title", "description"])
def test_a_blank_text_is_refused_on_the_pages(author: User, name: str, text: str) -> None:
    desk, texts = Desk(author), {"title": "t", "description": "d"} | {name: text}
    answer = desk.post("/desk/tickets/new/", texts | FORM)
    assert (answer.status_code, html(answer).count("This field is required.")) == (422, 2)  # on top and at the field
    made = factories.ticket("REVIEW", author=author)
    answer = desk.post(f"/desk/tickets/{made.ticket_number}/edit/", texts | {"version": "2"})
    assert answer.status_code == 422
    assert Ticket.objects.count() == 1


@unseen
def test_a_blank_reason_is_none(author: User, text: str) -> None:
    made, boss = factories.ticket(author=author, severity="LOW"), factories.manager()
    change = {"action": "CHANGE_SEVERITY", "newSeverity": "HIGH", "severityChangeReason": text}
    body = assert_error(ApiClient(boss).patch(f"/tickets/{made.pk}/review", change), 400, "reason_required")
    assert body["message"] == "severityChangeReason is required"


@unseen
def test_a_view_has_a_name_that_is_seen(author: User, text: str) -> None:
    answer = Desk(author).post("/desk/tickets/views/", {"name": text, "query": "overdue=1"})
    assert answer.status_code == 422
    assert not SavedView.objects.exists()


@unseen
def test_nothing_is_suggested_for_a_blank_title(author: User, text: str) -> None:
    page = html(Desk(author).post("/desk/triage/suggestion/", {"title": text, "description": "All is down"}))
    assert "Comes while you write." in page


@seen
def test_a_text_with_anything_to_see_is_kept_as_it_was_sent(author: User, text: str) -> None:
    answer = ApiClient(author).post("/tickets", {"title": text, "description": text, **BODY})
    assert answer.status_code == 201
    assert (answer.json()["title"], answer.json()["description"]) == (text, text)
