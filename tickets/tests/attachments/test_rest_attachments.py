"""Attachments over REST: what is sent comes back byte for byte, to whoever may see the ticket, and nothing is shown."""

from __future__ import annotations

import hashlib
import io
import os
import time
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone
from PIL import Image

from accounts.models import User
from config import settings
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.models import Attachment, Ticket
from tickets.tests.attachments.files import form, picture, upload

pytestmark = pytest.mark.django_db
FIELDS = {
    *("id", "ticketId", "commentId", "fileName", "contentType"),
    *("size", "sha256", "uploadedById", "createdAt"),
}
TEXT = bytes(range(97, 107)) * 100


def fetched(api: ApiClient, path: str, **headers: str) -> Any:
    """The answer with its body as `body`, which is read to its end, as that alone closes the file."""
    answer = api.get(path, headers=headers)
    answer.body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return answer


def kept() -> set[str]:
    """The names of what the storage holds."""
    place = Path(storages["attachments"].location)  # type: ignore[attr-defined]  # it is a folder here
    return {path.name for path in place.rglob("*") if path.is_file()}


@pytest.fixture
def author() -> User:
    return factories.associate()


@pytest.fixture
def ticket(author: User) -> Ticket:
    return factories.ticket(author=author)


@pytest.fixture
def api(author: User) -> ApiClient:
    return ApiClient(author)


def test_a_file_comes_back_as_it_was_sent(api: ApiClient, author: User, ticket: Ticket) -> None:
    answer = upload(api, ticket, TEXT, "Übersicht – März.txt")
    assert answer.status_code == 201, answer.content
    sent = answer.json()
    assert set(sent) == FIELDS
    assert answer["Location"] == f"/attachments/{sent['id']}"
    told = {name: sent[name] for name in FIELDS - {"id", "createdAt"}}
    assert told == {
        "ticketId": str(ticket.pk),
        "commentId": None,
        "fileName": "Übersicht – März.txt",
        "contentType": "text/plain",
        "size": 1000,
        "sha256": hashlib.sha256(TEXT).hexdigest(),
        "uploadedById": str(author.pk),
    }
    assert api.get(f"/tickets/{ticket.pk}/attachments").json() == [sent]
    got = fetched(ApiClient(factories.associate()), f"/attachments/{sent['id']}")
    assert (got.status_code, got.body) == (200, TEXT)
    wanted = {
        "Content-Type": "application/octet-stream",
        "Content-Length": "1000",
        "Content-Disposition": 'attachment; filename="_bersicht _ M_rz.txt"; '
        "filename*=UTF-8''%C3%9Cbersicht%20%E2%80%93%20M%C3%A4rz.txt",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-cache",
        "Accept-Ranges": "bytes",
        "ETag": f'"{sent["sha256"]}"',
        "X-Frame-Options": "DENY",
    }
    assert {name: got.headers.get(name) for name in wanted} == wanted
    before = (ticket.version, ticket.updated_at)
    ticket.refresh_from_db()
    assert (ticket.version, ticket.updated_at) == before


PARTS = [
    ("bytes=0-99", 206, 0, 100),
    ("bytes=990-", 206, 990, 1000),
    ("bytes=-10", 206, 990, 1000),
    ("bytes=-5000", 206, 0, 1000),
    ("bytes=999-4000", 206, 999, 1000),
    ("bytes=0-0,5-6", 200, 0, 1000),  # several parts
    ("bytes=5-4", 200, 0, 1000),
    ("bytes=-", 200, 0, 1000),
    ("bytes=x-", 200, 0, 1000),
    ("lines=0-1", 200, 0, 1000),
    ("bytes=" + "9" * 400 + "-", 200, 0, 1000),
    ("bytes=1000-", 416, 0, 0),
    ("bytes=-0", 416, 0, 0),
]


def test_a_part_of_a_file(api: ApiClient, ticket: Ticket) -> None:
    address = f"/attachments/{upload(api, ticket, TEXT).json()['id']}"
    tag = fetched(api, address)["ETag"]
    for header, status, start, end in PARTS:
        answer = fetched(api, address, Range=header)
        assert answer.status_code == status, header
        if status == 416:
            assert_error(answer, 416, "range_not_satisfiable")
            assert answer["Content-Range"] == "bytes */1000"
            continue
        assert answer.body == TEXT[start:end], header
        assert answer["Content-Length"] == str(end - start)
        assert answer.headers.get("Content-Range") == (f"bytes {start}-{end - 1}/1000" if status == 206 else None)
        # Of the file that one has begun with, and of no other.
        same = fetched(api, address, **{"Range": header, "If-Range": tag})
        assert (same.status_code, same.body) == (status, TEXT[start:end])
        other = fetched(api, address, **{"Range": header, "If-Range": '"another"'})
        assert (other.status_code, other.body) == (200, TEXT)


def test_what_one_has_is_not_sent_again_and_head_sends_nothing(api: ApiClient, ticket: Ticket) -> None:
    address = f"/attachments/{upload(api, ticket, TEXT).json()['id']}"
    tag = fetched(api, address)["ETag"]
    same = fetched(api, address, **{"If-None-Match": tag})
    assert (same.status_code, same.body, same["ETag"]) == (304, b"", tag)
    head = api.send("HEAD", address, headers={"Range": "bytes=0-1"})
    assert (head.status_code, b"".join(head.streaming_content), head["Content-Length"]) == (200, b"", "1000")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_a_preview_stands_upright_and_says_nothing_more(api: ApiClient, ticket: Ticket, kind: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    exif[0x010F] = "MAKER"
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    sent = upload(api, ticket, picture(kind, (3200, 200), exif=exif), "x.html").json()
    assert sent["contentType"] == f"image/{kind.lower()}"
    answer = fetched(api, f"/attachments/{sent['id']}/preview")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert answer["Content-Disposition"] == 'inline; filename="x.html.webp"'
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    shown = Image.open(io.BytesIO(answer.body))
    assert (shown.format, shown.size) == ("WEBP", (1600, 100) if kind == "GIF" else (100, 1600))
    assert (dict(shown.getexif()), b"MAKER" in answer.body) == ({}, False)
    # The file itself is sent as it is, and only to be saved.
    whole = fetched(api, f"/attachments/{sent['id']}")
    assert whole["Content-Type"] == "application/octet-stream"
    assert whole["Content-Disposition"] == 'attachment; filename="x.html"'


def test_what_is_no_picture_has_no_preview(api: ApiClient, ticket: Ticket) -> None:
    sent = upload(
        api, ticket, b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "x.png"
    ).json()
    assert sent["contentType"] == "image/svg+xml"
    assert_error(api.get(f"/attachments/{sent['id']}/preview"), 404, "no_preview")


def test_a_browser_reads_with_its_session_and_changes_nothing_with_it(
    api: ApiClient, author: User, ticket: Ticket
) -> None:
    address = f"/attachments/{upload(api, ticket, picture('PNG', (10, 10))).json()['id']}"
    browser = ApiClient()
    assert_error(browser.get(address), 401, "unauthorized")
    browser.client.force_login(author)
    assert fetched(browser, address).status_code == 200
    assert fetched(browser, f"{address}/preview").status_code == 200
    assert_error(browser.delete(address), 401, "unauthorized")
    assert_error(browser.get(f"/tickets/{ticket.pk}/attachments"), 401, "unauthorized")
    assert_error(ApiClient(token="x").get(address), 401, "unauthorized")


def test_what_is_attached_to_a_deleted_ticket_is_gone_with_it_and_comes_back(api: ApiClient, ticket: Ticket) -> None:
    sent = upload(api, ticket, picture("PNG", (10, 10))).json()
    factories.deleted(ticket)
    for path in (
        f"/attachments/{sent['id']}",
        f"/attachments/{sent['id']}/preview",
        f"/tickets/{ticket.pk}/attachments",
    ):
        assert_error(api.get(path), 404, "ticket_not_found")
    assert_error(api.delete(f"/attachments/{sent['id']}"), 404, "ticket_not_found")
    assert_error(upload(api, ticket, TEXT), 404, "ticket_not_found")
    factories.restored(ticket)
    assert api.get(f"/tickets/{ticket.pk}/attachments").json() == [sent]
    assert api.get(f"/attachments/{sent['id']}/preview").status_code == 200


def test_one_attaches_to_ones_own_comment_on_that_ticket(api: ApiClient, author: User, ticket: Ticket) -> None:
    own, removed = (str(factories.comment(ticket, author=author).pk) for _ in range(2))
    assert api.delete(f"/comments/{removed}").status_code == 200
    before = kept()
    for comment_id, status, code in [
        (str(factories.comment(ticket).pk), 403, "not_your_comment"),
        (str(factories.comment(factories.ticket(), author=author).pk), 404, "comment_not_found"),
        (removed, 404, "comment_not_found"),
        (str(uuid.uuid4()), 404, "comment_not_found"),
        ("nonsense", 400, "invalid_input"),
    ]:
        assert_error(upload(api, ticket, TEXT, commentId=comment_id), status, code)
    assert kept() == before
    for comment_id in (own, own.upper(), ""):
        answer = upload(api, ticket, TEXT, commentId=comment_id)
        assert (answer.status_code, answer.json()["commentId"]) == (201, comment_id.lower() or None)


def test_what_is_removed_is_gone_and_its_row_says_who_did_it(
    api: ApiClient, author: User, ticket: Ticket, django_capture_on_commit_callbacks: Any
) -> None:
    boss = factories.manager()
    before = kept()
    by_author, by_boss, stays = (upload(api, ticket, picture("PNG", (9, 9))).json()["id"] for _ in range(3))
    assert_error(ApiClient(factories.associate()).delete(f"/attachments/{by_author}"), 403, "not_your_attachment")
    with django_capture_on_commit_callbacks(execute=True):
        for who, which in ((author, by_author), (boss, by_boss)):
            answer = ApiClient(who).delete(f"/attachments/{which}")
            assert (answer.status_code, answer.json()["id"]) == (200, which)
            row = Attachment.objects.get(pk=which)
            assert row.removed_at
            assert (row.removed_by, row.removed_at >= row.created_at) == (who, True)
    assert kept() - before == {stays, f"{stays}.webp"}
    for path in (f"/attachments/{by_author}", f"/attachments/{by_author}/preview", "/attachments/nonsense"):
        assert_error(api.get(path), 404, "attachment_not_found")
    assert_error(api.delete(f"/attachments/{by_author}"), 404, "attachment_not_found")
    assert [found["id"] for found in api.get(f"/tickets/{ticket.pk}/attachments").json()] == [stays]


def test_what_is_attached_to_a_comment_goes_with_it(
    api: ApiClient, author: User, ticket: Ticket, django_capture_on_commit_callbacks: Any
) -> None:
    comment = factories.comment(ticket, author=author)
    before = kept()
    gone = upload(api, ticket, TEXT, commentId=str(comment.pk)).json()["id"]
    stays = upload(api, ticket, TEXT).json()["id"]
    with django_capture_on_commit_callbacks(execute=True):
        assert api.delete(f"/comments/{comment.pk}").status_code == 200
    assert_error(api.get(f"/attachments/{gone}"), 404, "attachment_not_found")
    assert kept() - before == {stays}
    assert Attachment.objects.get(pk=gone).removed_by == author


@override_settings(ATTACHMENT_MAX_MB=1, TICKET_ATTACHMENTS_MAX_MB=2)
def test_over_a_limit_nothing_is_kept(api: ApiClient, ticket: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept()
    assert_error(upload(api, ticket, b"x" * 1_000_001), 413, "too_large")
    assert_error(upload(api, ticket, b"x" * 1_100_001), 413, "too_large")  # as a body
    assert kept() == before
    full = b"x" * 1_000_000
    ids = [upload(api, ticket, full).json()["id"] for _ in range(2)]
    message = assert_error(upload(api, ticket, b"x"), 413, "too_large")["message"]
    assert message == "The attachments of a ticket have at most 2 MB together: 0 bytes are left."
    assert upload(api, factories.ticket(), b"x").status_code == 201
    assert api.delete(f"/attachments/{ids[0]}").status_code == 200
    assert upload(api, ticket, full).status_code == 201
    monkeypatch.setattr("tickets.uploads.limits.MOST_OF_A_TICKET", 2)
    assert api.delete(f"/attachments/{ids[1]}").status_code == 200
    assert upload(api, ticket, b"x").status_code == 201
    assert_error(upload(api, ticket, b"x"), 413, "too_large", "A ticket has at most 2 attachments.")


def test_what_is_no_upload_is_refused(api: ApiClient, ticket: Ticket) -> None:
    path = f"/tickets/{ticket.pk}/attachments"
    before = kept()
    bodies: list[tuple[list[tuple[str, str | None, bytes]], str]] = [
        ([("file", "x.txt", b"")], "file"),
        ([("other", "x.txt", b"x")], "other"),
        ([("file", None, b"x")], "file"),
        ([], "file"),
        ([("file", "x.txt", b"x"), ("more", None, b"x")], "more"),
    ]
    for parts, field in bodies:
        body, content_type = form(*parts)
        assert field in assert_error(api.post(path, body, content_type=content_type), 400, "invalid_input")["fields"]
    broken = api.post(path, b"x", content_type="multipart/form-data")
    assert_error(broken, 400, "malformed_body")
    assert_error(api.post(path, {"file": "x"}), 415, "unsupported_media_type")
    body, content_type = form(("file", "x.txt", b"x"))
    assert_error(api.post("/tickets/nonsense/attachments", body, content_type=content_type), 404, "ticket_not_found")
    assert kept() == before


def test_a_repeated_upload_is_kept_once(api: ApiClient, ticket: Ticket) -> None:
    before = kept()
    first, again = (upload(api, ticket, TEXT, headers={"Idempotency-Key": "k"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert (first.json(), first["Location"]) == (again.json(), again["Location"])
    assert kept() - before == {first.json()["id"]}
    other = upload(api, ticket, TEXT + b"x", headers={"Idempotency-Key": "k"})
    assert_error(other, 422, "key_reused")


@pytest.mark.parametrize("present", [1, 3])
def test_reading_takes_so_many_queries(
    api: ApiClient, ticket: Ticket, present: int, django_assert_num_queries: Any
) -> None:
    ids = [upload(api, ticket, picture("PNG", (9, 9))).json()["id"] for _ in range(present)]
    with django_assert_num_queries(3):  # the person, the ticket, what is attached
        assert len(api.get(f"/tickets/{ticket.pk}/attachments").json()) == present
    for path in (f"/attachments/{ids[0]}", f"/attachments/{ids[0]}/preview"):
        with django_assert_num_queries(3):  # the person, the attachment, its ticket
            assert fetched(api, path).status_code == 200


def test_bytes_that_belong_to_nobody_go_after_a_day(api: ApiClient, ticket: Ticket, tmp_path: Path) -> None:
    backend = {"BACKEND": "config.folders.PrivateFolder", "OPTIONS": {"location": tmp_path}}
    with override_settings(STORAGES={**settings.STORAGES, "attachments": backend}):
        row = upload(api, ticket, picture("PNG", (9, 9))).json()["id"]
        removed = upload(api, ticket, TEXT).json()["id"]
        boss = factories.manager()
        Attachment.objects.filter(pk=removed).update(removed_at=timezone.now(), removed_by=boss)
        young, old = uuid.uuid4(), uuid.uuid4()
        others = ["of somebody else.txt", f"xy/{uuid.uuid4()}"]
        for name in (f"{young.hex[:2]}/{young}", f"{old.hex[:2]}/{old}", f"{old.hex[:2]}/{old}.webp", *others):
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        for path in tmp_path.rglob("*"):
            if path.is_file() and path.name != str(young):
                os.utime(path, (time.time() - 25 * 3600,) * 2)
        call_command("tidy")
        left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {row, f"{row}.webp", str(young), *(Path(name).name for name in others)}


def test_a_storage_that_is_full_or_away_keeps_nothing(api: ApiClient, ticket: Ticket, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    place = tmp_path / "file" / "x"
    backend = {"BACKEND": "config.folders.PrivateFolder", "OPTIONS": {"location": place}}
    sent = upload(api, ticket, TEXT).json()
    with override_settings(STORAGES={**settings.STORAGES, "attachments": backend}):
        assert_error(upload(api, ticket, TEXT), 503, "storage_unavailable")
        assert_error(api.get(f"/attachments/{sent['id']}"), 503, "storage_unavailable")
        said = ApiClient().get("/readyz").json()["storage"]
    assert said.startswith(f"Attachments cannot be kept in {place}: ")
    assert "ATTACHMENT_STORAGE" in said
    assert ApiClient().get("/readyz").json()["storage"] == "ok"
    assert Attachment.objects.count() == 1
