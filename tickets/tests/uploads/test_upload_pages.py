"""Files on the desk: shown on a ticket's page, attached and removed there, and sent along with forms. No JavaScript."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from tempfile import TemporaryFile
from typing import Any

import pytest
from django.core.files.storage import storages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.pages import Desk, hidden, html, url, words
from tickets import actions
from tickets.attachments import storage
from tickets.attachments.actions import remove_attachment
from tickets.models import Attachment, Comment, Ticket, Upload
from tickets.tests.attachments.files import picture, upload
from tickets.uploads.actions import keep_waiting
from tickets.uploads.tidying import remove_old

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}
PNG = picture("PNG", (600, 300))
TOO_LARGE = "The file is larger than 1 MB."


@pytest.fixture
def ana() -> User:
    return factories.associate(name="Ana Sousa")


@pytest.fixture
def ticket(ana: User) -> Ticket:
    return factories.ticket(author=ana)


def a_file(name: str = "x.txt", content: bytes = b"some bytes") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def waiting_of(user: User, content: bytes = PNG, name: str = "shot.png") -> Upload:
    with TemporaryFile() as file:
        file.write(content)
        return keep_waiting(user, file=file, name=name)


def is_kept(file_id: uuid.UUID) -> bool:
    return storages["attachments"].exists(storage.name_of(file_id))


def shown(page: str, place: str) -> list[str]:
    """The names of the files that stand in the element of this id, up to the end of its list."""
    part = page.partition(f'id="{place}"')[2]
    listed = part.partition('<ul class="files">')[2].partition("</ul>")[0]
    return re.findall(r'<a href="/attachments/[0-9a-f-]{36}" download><bdi>(.*?)</bdi>', listed)


# --- Shown


def test_what_is_attached_stands_at_the_ticket_and_at_its_comments(ana: User, ticket: Ticket) -> None:
    api, boss = ApiClient(ana), factories.manager()
    comment = factories.comment(ticket, author=ana)
    ids = [
        upload(api, ticket, PNG, "<b>wide.png").json()["id"],
        upload(ApiClient(boss), ticket, b"1;2\n", "table.csv").json()["id"],
        upload(api, ticket, PNG, "shot.png", commentId=str(comment.pk)).json()["id"],
        upload(api, ticket, b"gone", "gone.txt").json()["id"],
    ]
    remove_attachment(ana, uuid.UUID(ids[3]))
    page = Desk(ana).text(url(ticket))
    assert shown(page, "attachments") == ["_b_wide.png", "table.csv"]
    assert shown(page, f"comment-{comment.pk}") == ["shot.png"]
    assert f'<img src="/attachments/{ids[0]}/preview" alt="_b_wide.png" width="120" height="60" loading="lazy">' in page
    assert f'src="/attachments/{ids[1]}/' not in page
    assert "gone.txt" not in page
    at_ticket = words(page.partition('id="attachments"')[2].partition("</section>")[0])
    assert re.search(r"_b_wide\.png .* · Ana Sousa just now .* Remove _b_wide\.png", at_ticket)
    removable = re.findall(r"/desk/attachments/([0-9a-f-]{36})/remove/", page)
    assert removable == [ids[0], ids[2]]
    assert re.findall(r"/desk/attachments/([0-9a-f-]{36})/remove/", Desk(boss).text(url(ticket))) == ids[:3]
    actions.delete_ticket(boss, ticket.pk)
    assert "/attachments/" not in Desk(boss).text(url(ticket))


def test_a_picture_in_a_text_has_its_room_before_it_is_there(ana: User, ticket: Ticket) -> None:
    sent = upload(ApiClient(ana), ticket, picture("PNG", (1000, 500))).json()["id"]
    elsewhere = uuid.uuid4()
    text = f"See ![the <log>](attachment:{sent}) and ![x](attachment:{elsewhere})"
    factories.comment(ticket, author=ana, text=text)
    page = Desk(ana).text(url(ticket))
    assert f'<img src="/attachments/{sent}/preview" width="640" height="320" loading="lazy" alt="the' in page
    assert f'<img src="/attachments/{elsewhere}/preview" alt="x">' in page


def test_many_are_folded_and_take_no_more_queries(
    ana: User, ticket: Ticket, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    comments = [factories.comment(ticket, author=factories.associate()) for _ in range(3)]
    desk = Desk(ana)
    for count in (1, 25):
        for number in range(Attachment.objects.count(), 4 * count):
            Attachment.objects.create(
                ticket=ticket,
                comment=[None, *comments][number % 4],
                file_name=f"{number}.png",
                content_type="image/png",
                size=7,
                sha256="0" * 64,
                preview_width=10,
                preview_height=10,
                uploaded_by=factories.associate(),
                created_at=timezone.now(),
            )
        desk.get(url(ticket))
        with django_assert_num_queries(2 + 7):
            page = desk.text(url(ticket))
        assert page.count('class="thumbnail"') == 4 * count
        assert len(shown(page, "attachments")) == min(20, count)
        assert ("5 more files" in words(page)) == (count == 25)


# --- Attached and removed on the page


def test_a_page_attaches_what_the_api_attaches(ana: User, ticket: Ticket) -> None:
    by_api = upload(ApiClient(ana), ticket, PNG, "shot.png").json()
    answer = Desk(factories.associate()).post(url(ticket, "attachments/?inbox=1"), {"file": a_file("shot.png", PNG)})
    assert (answer.status_code, answer["Location"]) == (302, url(ticket, "?inbox=1#attachments"))
    one, other = Attachment.objects.order_by("created_at").values()
    own = {"id", "created_at", "uploaded_by_id"}
    assert {name: value for name, value in one.items() if name not in own} == {
        name: value for name, value in other.items() if name not in own
    }
    assert by_api["sha256"] == other["sha256"]
    assert is_kept(other["id"])
    assert not Upload.objects.exists()


def test_several_at_once_and_a_form_that_is_sent_twice(ana: User, ticket: Ticket) -> None:
    desk = Desk(ana)
    for _ in range(2):
        desk.post(url(ticket, "attachments/"), {"file": [a_file("1.txt"), a_file("2.txt"), a_file("3.txt", b"other")]})
    assert shown(desk.text(url(ticket)), "attachments") == ["1.txt", "2.txt", "3.txt"]
    assert not Upload.objects.exists()


@override_settings(ATTACHMENT_MAX_MB=1, TICKET_ATTACHMENTS_MAX_MB=2)
def test_the_page_refuses_what_the_api_refuses_in_its_words(
    ana: User, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [(b"x" * 1_000_001, 413, "too_large"), (b"", 400, "invalid_input")]
    for content, status, code in cases:
        said = assert_error(upload(ApiClient(ana), ticket, content), status, code)["message"]
        page = Desk(ana).post(url(ticket, "attachments/"), {"file": a_file("x.txt", content)})
        assert (page.status_code, f'data-refusal="{code}"' in html(page)) == (status, True)
        assert f"x.txt: {said}" in words(page)
        row = Desk(ana).post("/desk/uploads/", {"file": a_file("x.txt", content)}, headers=HTMX)
        assert (row.status_code, html(row).strip()) == (
            status,
            f'<li class="error" data-refusal="{code}">x.txt: {said}</li>',
        )
    nothing = Desk(ana).post(url(ticket, "attachments/"))
    assert (nothing.status_code, "Choose a file first." in words(nothing)) == (400, True)
    for _ in range(2):
        Desk(factories.associate()).post(url(ticket, "attachments/"), {"file": a_file("x", b"x" * 1_000_000)})
    said = "The attachments of a ticket have at most 2 MB together: 0 bytes are left."
    full = Desk(ana).post(url(ticket, "attachments/"), {"file": a_file()})
    assert (full.status_code, said in words(full)) == (413, True)
    monkeypatch.setattr("tickets.uploads.limits.TICKETS_WAITING", 1)
    for size, status in ((1_000_000, 201), (1_000_000, 201), (1, 413)):
        answer = Desk(ana).post("/desk/uploads/", {"file": a_file("x", b"x" * size)}, headers=HTMX)
        assert answer.status_code == status
    assert (Attachment.objects.count(), Upload.objects.count()) == (2, 2)


def test_removing_asks_first(ana: User, ticket: Ticket, django_capture_on_commit_callbacks: Any) -> None:
    api, comment = ApiClient(ana), factories.comment(ticket, author=ana)
    of_ticket = upload(api, ticket, PNG, "shot.png").json()["id"]
    of_comment = upload(api, ticket, PNG, "shot.png", commentId=str(comment.pk)).json()["id"]
    desk = Desk(ana)
    for which, place in (
        (of_ticket, "?inbox=1#attachments"),
        (of_comment, f"?inbox=1&comment={comment.pk}#comment-{comment.pk}"),
    ):
        address = f"/desk/attachments/{which}/remove/?inbox=1"
        assert "Remove shot.png ?" in words(desk.text(address))
        assert is_kept(uuid.UUID(which))
        with django_capture_on_commit_callbacks(execute=True):
            answer = desk.post(address)
        assert (answer.status_code, answer["Location"]) == (302, url(ticket, place))
        assert not is_kept(uuid.UUID(which))
        assert "Removed “shot.png”." in words(desk.text(url(ticket)))
        assert desk.get(address).status_code == 404


# --- Waiting for a form


def test_what_waits_is_nobody_elses_business(ana: User, ticket: Ticket) -> None:
    upload = waiting_of(ana)
    address = f"/attachments/{upload.pk}/preview"
    own, boss = Desk(ana), Desk(factories.manager())
    assert own.get(address)["Content-Type"] == "image/webp"
    assert_error(ApiClient(ana).get(f"/attachments/{upload.pk}"), 404, "attachment_not_found")
    for someone in (boss, Desk()):
        assert someone.get(address).status_code in (401, 404)
    query = f"/desk/uploads/?upload-{upload.pk}=on&upload-{uuid.uuid4()}=on&upload-x=on"
    assert f'name="upload-{upload.pk}" checked' in own.text(query, headers=HTMX)
    assert html(boss.get(query, headers=HTMX)).strip() == ""
    boss.post(url(ticket, "comments/"), {"text": "Mine?", f"upload-{upload.pk}": "on"})
    assert (Upload.objects.count(), Attachment.objects.count()) == (1, 0)


def test_a_comment_takes_what_waits_for_it_and_what_comes_along(ana: User, ticket: Ticket) -> None:
    desk, upload = Desk(ana), waiting_of(ana, name="a [b].png")
    row = desk.text(f"/desk/uploads/?upload-{upload.pk}=on", headers=HTMX)
    assert f'data-insert="![a \\[b\\].png](attachment:{upload.pk})"' in row
    form = {
        "text": f"See ![it](attachment:{upload.pk})",
        "key": hidden(desk.text(url(ticket)), "key"),
        f"upload-{upload.pk}": "on",
    }
    places = {
        desk.post(url(ticket, "comments/"), {**form, "file": [a_file("1.txt"), a_file("2.txt", b"two")]})["Location"]
        for _ in range(2)
    }
    comment = Comment.objects.get()
    assert places == {f"{url(ticket)}?comment={comment.pk}#comment-{comment.pk}"}
    assert sorted(comment.attachments.values_list("file_name", flat=True)) == ["1.txt", "2.txt", "a [b].png"]
    assert not Upload.objects.exists(), "what came with the form a second time waits for nothing"
    page = desk.text(url(ticket))
    assert f'<img src="/attachments/{upload.pk}/preview" width="600" height="300"' in page
    assert page.count(f'src="/attachments/{upload.pk}/preview"') == 1
    assert desk.post(url(ticket, "comments/"), {**form, "file": a_file("3.txt", b"3")}).status_code == 302
    assert Comment.objects.count() == 2, "another file is another comment"


def test_a_form_that_is_refused_or_looked_at_keeps_its_files(ana: User, ticket: Ticket) -> None:
    desk = Desk(ana)
    answer = desk.post(url(ticket, "comments/"), {"text": "", "file": a_file("kept.txt")})
    waits = Upload.objects.get()
    assert (answer.status_code, f'name="upload-{waits.pk}" checked' in html(answer)) == (422, True)
    answer = desk.post(url(ticket, "comments/"), {"text": "Now", "preview": "1", f"upload-{waits.pk}": "on"})
    assert (answer.status_code, f'name="upload-{waits.pk}" checked' in html(answer)) == (200, True)
    with override_settings(ATTACHMENT_MAX_MB=1):
        large = a_file("large.txt", b"x" * 1_000_001)
        answer = desk.post(url(ticket, "comments/"), {"text": "Now", f"upload-{waits.pk}": "on", "file": large})
    assert answer.status_code == 413
    page = html(answer)
    assert f'<a href="#id_file">Files: large.txt: {TOO_LARGE}</a>' in page
    assert re.search(r'<input type="file" name="file"[^>]* aria-invalid="true"', page)
    assert f'name="upload-{waits.pk}" checked' in page
    assert "Now</textarea>" in page
    with override_settings(TICKET_ATTACHMENTS_MAX_MB=1):
        Attachment.objects.create(
            ticket=ticket,
            file_name="x",
            content_type="text/plain",
            size=1_000_000,
            sha256="0" * 64,
            uploaded_by=ana,
            created_at=timezone.now(),
        )
        answer = desk.post(url(ticket, "comments/"), {"text": "Now", f"upload-{waits.pk}": "on"})
    assert (answer.status_code, "0 bytes are left." in words(answer)) == (413, True)
    assert not Comment.objects.exists()
    assert Upload.objects.exists()


def test_what_waits_outlives_the_session(ana: User, ticket: Ticket) -> None:
    uploads = [waiting_of(ana, name=f"{number}.png") for number in range(2)]
    for address in (url(ticket, "comments/"), "/desk/tickets/new/"):
        desk = Desk(ana)
        desk.lose_session()
        desk.post(address, {"text": "Written", "title": "x", **{f"upload-{each.pk}": "on" for each in uploads}})
        desk.client.force_login(ana)
        page = desk.text(url(ticket) if "comments" in address else address)
        assert [f'name="upload-{each.pk}" checked' in page for each in uploads] == [True, True]


def test_a_new_ticket_takes_its_files(ana: User) -> None:
    desk = Desk(ana)
    form = {"title": "Jams", "description": "Again", "severity": "LOW", "due_date": "2099-01-01T10:00"}
    form["key"] = hidden(desk.text("/desk/tickets/new/"), "key")
    refused = desk.post("/desk/tickets/new/", {**form, "title": "", "file": a_file("shot.png", PNG)})
    waits = Upload.objects.get()
    assert f'name="upload-{waits.pk}" checked' in html(refused)
    form[f"upload-{waits.pk}"] = "on"
    looked = desk.post("/desk/tickets/new/", {**form, "look": "1"})
    assert f'name="upload-{waits.pk}" checked' in html(looked)
    for _ in range(2):
        assert desk.post("/desk/tickets/new/", {**form, "file": a_file("log.txt")}).status_code == 302
    assert shown(desk.text(url(Ticket.objects.get())), "attachments") == ["shot.png", "log.txt"]
    assert not Upload.objects.exists()


def test_an_edit_brings_its_files_or_changes_nothing(ana: User) -> None:
    ticket = factories.ticket("REVIEW", author=ana)
    desk, address = Desk(ana), url(ticket, "edit/")
    form = {"title": "Better", "description": "Text", "version": str(ticket.version)}
    refused = desk.post(address, {**form, "title": "", "file": a_file("shot.png", PNG)})
    waits = Upload.objects.get()
    with override_settings(TICKET_ATTACHMENTS_MAX_MB=0):
        full = desk.post(address, {**form, f"upload-{waits.pk}": "on"})
    assert (full.status_code, Ticket.objects.get().status) == (413, "REVIEW")
    assert f'name="upload-{waits.pk}" checked' in html(full)
    assert f'name="upload-{waits.pk}" checked' in html(refused)
    assert desk.post(address, {**form, f"upload-{waits.pk}": "on"}).status_code == 302
    assert Ticket.objects.get().title == "Better"
    assert shown(desk.text(url(ticket)), "attachments") == ["shot.png"]


def test_what_no_form_came_for_goes_after_a_day(ana: User, django_capture_on_commit_callbacks: Any) -> None:
    old, young = waiting_of(ana), waiting_of(ana)
    Upload.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    with django_capture_on_commit_callbacks(execute=True):
        assert remove_old() == 1
    assert Upload.objects.get() == young
    assert (is_kept(old.pk), is_kept(young.pk)) == (False, True)
