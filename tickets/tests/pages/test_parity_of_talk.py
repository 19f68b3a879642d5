"""What is said, attached, followed and linked by a page is what the API makes of it, and both refuse it alike.

tests/support/grid/talk.py has the table: what is done, with what, by whom, and how either answers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import override_settings

from accounts.models import User
from accounts.signing_in.tokens import issue_token
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.databases.modules import made_for_a_module
from tests.support.grid.answers import refusal
from tests.support.grid.desk import Answered
from tests.support.grid.talk import CASES, Case
from tests.support.pages import Desk, words
from tickets.comments.actions import add_comment, edit_comment, remove_comment
from tickets.inbox.models import Told
from tickets.models import (
    Attachment,
    Comment,
    CommentVersion,
    FollowChoice,
    Mention,
    Question,
    Ticket,
    TicketLink,
    Upload,
)
from tickets.tests.attachments.files import form, picture

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
NOTHING = "7b1e3c1e-52a4-4b5e-9d0c-4f9d0c6f7a11"
CONTENTS = {
    "text": b"some bytes",
    "picture": picture("PNG", (3, 2)),
    "empty": b"",
    "too large": b"x" * 1_000_001,  # with a setting for that
}


# --- What stands on the desk before each


class Scene:
    def __init__(self) -> None:
        self.people: dict[str, User] = {
            "ana": factories.associate(email="ana@example.com", name="Ana"),
            "bo": factories.associate(email="bo@example.com", name="Bo"),
            "boss": factories.manager(email="boss@example.com", name="Boss"),
        }
        ana, bo = self.people["ana"], self.people["bo"]
        self.tickets = {name: factories.ticket(author=ana, title=name) for name in ("live", "second", "third", "gone")}
        live = self.tickets["live"]
        self.comments: dict[str, Any] = {
            "own": edit_comment(ana, factories.comment(live, author=ana, text="Before").pk, text="Own"),
            "others": factories.comment(live, author=bo, text="Others"),
            "removed": remove_comment(ana, factories.comment(live, author=ana, text="Gone").pk),
            "deleted": factories.comment(self.tickets["gone"], author=ana, text="Gone"),
            "asked": add_comment(self.people["boss"], live.pk, text="Asked", is_question=True),
        }
        self.attachments: dict[str, Any] = {
            "own": self.attached(live, ana, "own.txt", size=1_000_000),
            "others": self.attached(live, bo, "others.txt"),
            "removed": self.attached(live, ana, "removed.txt", removed_at=AT, removed_by=ana),
            "deleted": self.attached(self.tickets["gone"], ana, "deleted.txt"),
        }
        self.links: dict[str, Any] = {
            "own": self.linked(live, self.tickets["third"], ana),
            "others": self.linked(self.tickets["second"], live, bo),
            "deleted": self.linked(live, self.tickets["gone"], ana),
        }
        self.tickets["deleted"] = factories.deleted(self.tickets.pop("gone"), by=ana)
        self.tokens = {name: issue_token(person) for name, person in self.people.items()}
        self.desks = {name: Desk(person) for name, person in self.people.items()}

    def attached(self, ticket: Ticket, user: User, name: str, size: int = 1, **removed: Any) -> Attachment:
        kept = {"content_type": "text/plain", "size": size, "sha256": "0" * 64, "created_at": AT}
        return Attachment.objects.create(ticket=ticket, file_name=name, uploaded_by=user, **kept, **removed)

    def linked(self, source: Ticket, target: Ticket, user: User) -> TicketLink:
        kind = "RELATED" if user == self.people["ana"] else "FOLLOW_UP_OF"
        return TicketLink.objects.create(source=source, target=target, kind=kind, created_by=user, created_at=AT)

    def id(self, name: str) -> str:
        return NOTHING if name == "none" else str(self.tickets[name].pk)

    def number(self, name: str) -> str:
        return "TKT-2026-999999" if name == "none" else str(self.tickets[name].ticket_number)

    def of(self, things: dict[str, Any], name: str) -> str:
        return {"none": NOTHING, "x": "x"}.get(name) or str(things[name].pk if name in things else NOTHING)

    @contextmanager
    def undone(self, settings: dict[str, Any]) -> Iterator[None]:
        with transaction.atomic(), override_settings(**settings):
            yield
            transaction.set_rollback(True)


scene = made_for_a_module(Scene)


def left() -> dict[str, list[tuple[Any, ...]]]:
    """What the desk holds, without what tells apart two that were made one after the other."""
    file = ("file_name", "content_type", "size", "sha256", "preview_width", "preview_height", "uploaded_by")
    comment = ("text", "html", "rendering", "is_question", "author", "removed_by")
    kept: list[tuple[Any, tuple[str, ...]]] = [
        (Ticket, ("title", "description", "status", "version", "created_by")),
        (Comment, ("ticket__title", *comment)),
        (CommentVersion, ("comment__ticket__title", "comment__author", "text")),
        (Question, ("ticket__title", "asker", "ending", "is_past")),
        (Mention, ("ticket__title", "comment__text", "person")),
        (Attachment, ("ticket__title", "comment__text", *file, "removed_by")),
        (Upload, file),
        (FollowChoice, ("ticket__title", "user", "follows")),
        (TicketLink, ("source__title", "target__title", "kind", "created_by")),
        (Told, ("user", "ticket__title", "comment__text", "kind")),
    ]
    return {model.__name__: sorted(model.objects.values_list(*names), key=repr) for model, names in kept}


# --- How either is asked


def by_api(scene: Scene, case: Case) -> Any:
    client, path = ApiClient(token=scene.tokens[case.by]), f"/tickets/{scene.id(case.on)}"
    match case.what:
        case "comment":
            body = {"text": case.sent["text"], "isQuestion": case.sent.get("question", False)}
            return client.post(f"{path}/comments", body)
        case "edit":
            return client.patch(f"/comments/{scene.of(scene.comments, case.of)}", {"text": case.sent["text"]})
        case "remove":
            return client.delete(f"/comments/{scene.of(scene.comments, case.of)}")
        case "withdraw":
            return client.delete(f"/comments/{scene.of(scene.comments, case.of)}/question")
        case "versions":
            return client.get(f"/comments/{scene.of(scene.comments, case.of)}/versions")
        case "take away":
            return client.delete(f"/attachments/{scene.of(scene.attachments, case.of)}")
        case "follow" | "leave":
            return client.send("PUT" if case.what == "follow" else "DELETE", f"{path}/following")
        case "link":
            return client.post(f"{path}/links", {"ticketId": scene.id(case.sent["to"]), "kind": case.sent["kind"]})
        case "unlink":
            return client.delete(f"/links/{scene.of(scene.links, case.of)}")
    return attached_by_api(client, path, case)


def attached_by_api(client: ApiClient, path: str, case: Case) -> Any:
    """To the ticket, or to what is made for it by a request of its own, as the API has it."""
    parts: list[tuple[str, str | bytes | None, bytes]] = []
    if "file" in case.sent:
        name, content = case.sent["file"]
        parts.append(("file", name, CONTENTS[content]))
    if case.what == "comment with":
        comment = client.post(f"{path}/comments", {"text": case.sent["text"]}).json()["id"]
        parts.append(("commentId", None, comment.encode()))
    elif case.what == "raise with":
        path = f"/tickets/{client.post('/tickets', NEW).json()['id']}"
    body, content_type = form(*parts)
    return client.post(f"{path}/attachments", body, content_type=content_type)


NEW = {"title": "New", "description": "It is new.", "dueDate": "2026-07-01T09:30:00.000Z", "severity": "LOW"}
NEW_BY_PAGE = {"title": "New", "description": "It is new.", "due_date": "2026-07-01T09:30", "severity": "LOW"}


def by_page(scene: Scene, case: Case) -> Any:
    desk, path = scene.desks[case.by], f"/desk/tickets/{scene.number(case.on)}"
    fields = {name: value.replace("\n", "\r\n") for name, value in case.sent.items() if name == "text"}
    if "file" in case.sent:
        name, content = case.sent["file"]
        fields["file"] = SimpleUploadedFile(name, CONTENTS[content])
    comment, attachment = (scene.of(things, case.of) for things in (scene.comments | {"x": None}, scene.attachments))
    match case.what:
        case "comment" | "comment with":
            return desk.post(f"{path}/comments/", fields | ({"is_question": "on"} if "question" in case.sent else {}))
        case "edit":
            return desk.post(f"/desk/comments/{comment}/edit/", fields)
        case "remove":
            return desk.post(f"/desk/comments/{comment}/remove/")
        case "withdraw":
            return desk.post(f"/desk/comments/{comment}/withdraw/")
        case "versions":
            return desk.get(f"/desk/comments/{comment}/versions/")
        case "attach":
            return desk.post(f"{path}/attachments/", fields)
        case "raise with":
            return desk.post("/desk/tickets/new/", NEW_BY_PAGE | fields)
        case "take away":
            return desk.post(f"/desk/attachments/{attachment}/remove/")
        case "follow" | "leave":
            return desk.post(f"{path}/following/", {case.what: "1"})
        case "link":
            return desk.post(f"{path}/links/", {"ticket": scene.number(case.sent["to"]), "kind": case.sent["kind"]})
    return desk.post(f"{path}/links/{scene.of(scene.links, case.of)}/remove/")


def assert_page_says(scene: Scene, case: Case, answer: Any) -> None:
    """The words of the table; and the code of the API, where the page gives one, as it must where no words are told."""
    (status, said), code = case.page, case.api[1]
    assert answer.status_code == status, words(answer)[-300:]
    given = refusal(Answered(answer, [], list))
    if said == code and status >= 400:
        assert given == code
        return
    if status == 302:
        answer = scene.desks[case.by].get(answer.headers["Location"].partition("#")[0])
        assert answer.status_code == 200
    assert given in ((code, "") if status >= 400 else ("",))
    assert said in words(answer)


@pytest.mark.parametrize("case", CASES, ids=[f"{case.what}-{case.name}" for case in CASES])
def test_a_page_does_and_refuses_what_the_api_does_and_refuses(case: Case, scene: Scene) -> None:
    before = left()
    with scene.undone(case.settings):
        answer, (status, code) = by_api(scene, case), case.api
        assert answer.status_code == status, answer.content
        assert (answer.json()["code"] if status >= 400 else code) == code
        told, made = json.dumps(answer.json()), left()
    with scene.undone(case.settings):
        answer = by_page(scene, case)
        assert_page_says(scene, case, answer)
        by_form = left()
    if case.what == "versions" and status == 200:
        assert code in told
    if case.api[0] >= 400:
        assert by_form["Upload"] == [] or case.what in ("comment with", "raise with")
        assert by_form | {"Upload": []} == before
        if case.what not in ("comment with", "raise with"):  # which take two requests by the API, of which one is done
            assert made == before
    else:
        assert by_form == made
