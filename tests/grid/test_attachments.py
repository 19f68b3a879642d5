"""Who may do what with attachments: endpoint, role, whose attachment and state of the ticket, as one table has it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.csv_files import multipart
from tests.support.databases.modules import made_for_a_module
from tests.support.grid.answers import problem
from tests.support.grid.attachments import ATTEMPTS, AttachmentAttempt
from tests.support.grid.desk import Answered, GridDesk
from tests.support.grid.moves import IDENTITIES, STATES
from tickets.models import Attachment, Comment

pytestmark = pytest.mark.django_db
desk = made_for_a_module(GridDesk)

NOTHING = "7b1e3c1e-52a4-4b5e-9d0c-4f9d0c6f7a11"
KEPT = "5c0e5c1e-52a4-4b5e-9d0c-4f9d0c6f7a12"  # each one's bytes are the same, and kept once for all of them
AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SIGNED_OUT = ("nobody", "inactive", "demoted")
BYTES, PREVIEW = b"some bytes", b"a small picture"


@pytest.fixture(scope="module", autouse=True)
def kept_bytes() -> None:
    for name, content in ((f"5c/{KEPT}", BYTES), (f"5c/{KEPT}.webp", PREVIEW)):
        storages["attachments"].save(name, ContentFile(content))


def test_the_tables_have_every_combination() -> None:
    for name, attempt in ATTEMPTS.items():
        states = {*STATES, "-LIVE"} if "{attachment}" in attempt.path else set(STATES)
        assert set(attempt.answers) == {(state, who) for state in states for who in IDENTITIES}, name


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_api_answers_as_the_table_says(name: str, desk: GridDesk) -> None:
    attempt, problems = ATTEMPTS[name], []
    for (state, who), answer in attempt.answers.items():
        with desk.undone():
            ids = attached(desk, attempt, state, who)
            path = attempt.path.format(**ids)
            answered = sent(desk, attempt, who, path, ids)
            wrong = done_wrong(attempt, answered, ids) if answer == "ok" else problem(answered, answer, path=path)
        if wrong:
            problems.append(f"{state} {who}: {answer} expected, {wrong}")
    assert problems == []


# A page takes ten times as long as an answer of the API, so it is asked in fewer states and by fewer.
@pytest.mark.one_database
@pytest.mark.parametrize(
    ("method", "name"), [("POST", "add"), ("GET", "remove"), ("POST", "remove"), ("POST", "remove own")]
)
def test_a_page_answers_as_the_api_does(name: str, method: str, desk: GridDesk) -> None:
    attempt, problems = ATTEMPTS[name], []
    for (state, who), by_api in attempt.answers.items():
        if state not in ("CLOSED", "-DRAFT", "-LIVE", "none") or who in ("staff", "chief", "own-chief"):
            continue
        with desk.undone():
            ids = attached(desk, attempt, state, who)
            path = attempt.page.format(**ids)
            fields = {"file": SimpleUploadedFile("y.txt", BYTES)} if name == "add" else None
            answered = desk.page(who, method, path, fields)
            if by_api != "ok":
                wrong = problem(answered, "login" if by_api == "401" else by_api, path=path)
            elif method == "GET":
                wrong = "" if (answered.status, "x.png" in answered.text) == (200, True) else answered.text[:200]
            else:
                wrong = posted_wrong(name, answered, ids)
        if wrong:
            problems.append(f"{state} {who}: {by_api} expected, {wrong}")
    assert problems == []


def posted_wrong(name: str, answered: Answered, ids: dict[str, str]) -> str:
    """What is wrong with where it leads, or with what it leaves behind."""
    left = sorted(Attachment.objects.present().values_list("file_name", flat=True))
    done = (answered.status, answered.location, left)
    wanted = (302, f"/desk/tickets/{ids['number']}/#attachments", ["x.png", "y.txt"] if name == "add" else [])
    return "" if done == wanted else f"{done} and not {wanted}"


def sent(desk: GridDesk, attempt: AttachmentAttempt, who: str, path: str, ids: dict[str, str]) -> Answered:
    if attempt.by_session:
        return desk.page(who, attempt.method, path)
    if attempt.method != "POST":
        return desk.api(who, attempt.method, path)
    body, content_type = multipart(BYTES)
    if attempt.to_comment:
        field = f'--frontier\r\nContent-Disposition: form-data; name="commentId"\r\n\r\n{ids["comment"]}\r\n'
        body = field.encode() + body
    return desk.api(who, "POST", path, body, content_type=content_type)


def attached(desk: GridDesk, attempt: AttachmentAttempt, state: str, who: str) -> dict[str, str]:
    """The ids of a ticket in this state, an attachment there and a comment of the colleague, made past the actions."""
    ticket = desk.ticket("OPEN" if state == "-LIVE" else state, who)
    if ticket is None:
        return {"ticket": NOTHING, "attachment": NOTHING, "comment": NOTHING, "number": "TKT-2026-999999"}
    colleague = desk.person("colleague")
    gone: dict[str, Any] = {"removed_at": AT, "removed_by": desk.boss} if state == "-LIVE" else {}
    attachment = Attachment.objects.create(
        id=KEPT,
        ticket=ticket,
        file_name="x.png",
        content_type="image/png",
        size=len(BYTES),
        sha256="0" * 64,
        preview_width=3,
        preview_height=2,
        uploaded_by=colleague if attempt.by == "colleague" or who in SIGNED_OUT else desk.person(who),
        created_at=AT,
        **gone,
    )
    made = {"text": "Now", "html": "<p>Now</p>", "rendering": 1, "created_at": AT}
    comment = Comment.objects.create(ticket=ticket, author=colleague, **made)
    ids = {"ticket": ticket.pk, "attachment": attachment.pk, "comment": comment.pk, "number": ticket.ticket_number}
    return {name: str(each) for name, each in ids.items()}


def done_wrong(attempt: AttachmentAttempt, answered: Answered, ids: dict[str, str]) -> str:
    """What is wrong with the answer, or with what it leaves behind."""
    if answered.status != attempt.status:
        return f"{answered.status} {answered.text}"
    told: Any
    wanted: Any
    if attempt.method == "POST":
        body = answered.response.json()
        told = body["ticketId"], body["commentId"], Attachment.objects.get(pk=body["id"]).size
        wanted = ids["ticket"], ids["comment"] if attempt.to_comment else None, len(BYTES)
    elif attempt.method == "DELETE":
        told, wanted = bool(Attachment.objects.get(pk=KEPT).removed_at), True
    elif attempt.path.endswith("s"):
        told, wanted = [found["id"] for found in answered.response.json()], [KEPT]
    else:
        told, wanted = answered.body, PREVIEW if attempt.path.endswith("preview") else BYTES
    return "" if told == wanted else f"{told} and not {wanted}"
