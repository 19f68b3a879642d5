"""Canned texts: kept, shared, changed, deleted, and put into a reason or a comment with what is filled in."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError, IntegrityError, transaction

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, html, url, words
from tickets.models import CannedText, Comment

pytestmark = pytest.mark.django_db

TEXTS = "/desk/canned/"
MORE = {"name": "Say more", "text": "{author}, please say more on {ticket}.\r\nIt is {severity} {now}."}


@pytest.fixture
def boss() -> User:
    return factories.manager(name="Helena Prado")


def kept(owner: User, name: str, text: str = "x", **fields: Any) -> CannedText:
    return CannedText.objects.create(owner=owner, name=name, text=text, **fields)


def offered(page: str) -> list[tuple[str, str]]:
    return re.findall(r'data-text="([^"]*)">(.*?)</option>', page)


def test_a_text_is_kept_and_offered_filled_in_for_the_ticket(boss: User) -> None:
    desk = Desk(boss)
    assert desk.post(TEXTS, MORE)["Location"] == TEXTS
    assert "Kept as “Say more”." in words(desk.text(TEXTS))
    ticket = factories.ticket(author=factories.associate(name="Ana {ticket} <b>"), severity="VERY_HIGH")
    text = f"Ana {{ticket}} &lt;b&gt;, please say more on {ticket.ticket_number}.\nIt is Very high {{now}}."
    part = desk.text(url(ticket, "canned/"), headers={"HX-Request": "true"})
    assert (offered(part), "<select" in part) == ([(text, "Say more")], False)
    assert "<html" not in part
    page = desk.text(url(ticket))
    assert (offered(page), f'hx-get="{url(ticket, "canned/")}"' in page) == ([], True)
    for field in ("reason", "id_text"):
        page = desk.text(url(ticket, f"?canned={field}"))
        assert offered(page.partition(f'id="choose-{field}"')[2].partition("</select>")[0]) == [(text, "Say more")]
        assert len(offered(page)) == 1
    assert "choose-id_text" not in Desk(ticket.created_by).text(url(ticket))


def test_without_javascript_a_text_is_inserted_into_a_comment_that_keeps_the_rest(boss: User) -> None:
    desk, canned = Desk(boss), kept(boss, "Thanks", "Thank you, {author}.")
    ticket = factories.ticket(author=factories.associate(name="Ana"))
    typed = {"text": "So it is.", "is_question": "on", "canned": str(canned.pk), "insert": "1"}
    answer = desk.post(url(ticket, "comments/"), {**typed, "file": SimpleUploadedFile("x.txt", b"x")})
    assert answer["Location"] == url(ticket, "?canned=id_text#canned-id_text")
    page = desk.text(answer["Location"])
    assert "So it is.\nThank you, Ana.</textarea>" in page
    assert re.search(r'name="is_question"[^>]* checked', page)
    assert re.search(r'name="upload-[0-9a-f-]{36}" checked', page)
    assert not Comment.objects.exists()
    assert Desk(factories.associate()).post(url(ticket, "comments/"), typed).status_code == 403


def test_without_javascript_a_text_is_inserted_below_what_is_typed(boss: User) -> None:
    desk, canned = Desk(boss), kept(boss, "Thanks", "Thank you, {author}.")
    ticket = factories.ticket(author=factories.associate(name="Ana"))
    typed = {"decision": "HIGH", "reason": "Everybody is affected.", "version": "1", "insert": "1"}
    for chosen, reason in [
        (str(canned.pk), "Everybody is affected.\nThank you, Ana."),
        (str(kept(factories.manager(), "Not shared").pk), "Everybody is affected."),
        ("", "Everybody is affected."),
    ]:
        answer = desk.post(url(ticket, "review/"), {**typed, "canned": chosen})
        assert answer["Location"] == url(ticket, "?canned=reason#canned-reason")
        page = desk.text(url(ticket, "?canned=reason"))
        assert [name for _text, name in offered(page)] == ["Thanks"]
        assert f"{reason}</textarea>" in page
        assert 'value="HIGH" checked' in page
    ticket.refresh_from_db()
    assert ticket.version == 1


def test_one_uses_ones_own_and_what_other_managers_share(boss: User) -> None:
    other, ticket = factories.manager(), factories.ticket()
    kept(other, "Another's"), kept(other, "All of us", is_shared=True), kept(boss, "Mine")
    kept(factories.associate(), "Of who is no manager any more", is_shared=True)
    kept(factories.manager(is_active=False), "Of who has left", is_shared=True)
    names = [name for _text, name in offered(Desk(boss).text(url(ticket, "canned/")))]
    assert names == ["Mine", "All of us"]
    page = words(Desk(boss).text(TEXTS))
    assert ("All of us" in page, "Another's" in page, "any more" in page, "has left" in page) == (True,) + (False,) * 3
    assert "/canned/" not in Desk(ticket.created_by).text(url(ticket))
    factories.set_role(boss, "ASSOCIATE")
    assert Desk(boss).get(TEXTS).status_code == 403


def test_a_text_is_changed_and_deleted_and_can_be_written_again(boss: User) -> None:
    desk, canned = Desk(boss), kept(boss, "Thanks", "Thank you.")
    path = f"{TEXTS}{canned.pk}/"
    assert "Thank you.</textarea>" in desk.text(path)
    desk.post(path, {"name": "Thanks!", "text": "Thank you!", "is_shared": "on"})
    canned.refresh_from_db()
    assert (canned.name, canned.text, canned.is_shared) == ("Thanks!", "Thank you!", True)
    desk.post(f"{path}delete/")
    assert not CannedText.objects.exists()
    [again] = re.findall(r'href="(/desk/canned/\?[^"]*)"', desk.text(TEXTS))
    page = desk.text(again.replace("&amp;", "&"))
    assert "Thank you!</textarea>" in page
    assert 'value="Thanks!"' in page
    assert re.search(r'name="is_shared"[^>]* checked', page)


def test_what_is_refused_stands_in_the_form(boss: User) -> None:
    desk, canned = Desk(boss), kept(boss, "Thanks")
    kept(boss, "Other")
    foreign = kept(factories.manager(), "Foreign", is_shared=True)
    for path, fields, status, code in [
        (TEXTS, {"name": "Thanks", "text": "kept text"}, 400, "canned_name_taken"),
        (f"{TEXTS}{canned.pk}/", {"name": "Other", "text": "kept text"}, 400, "canned_name_taken"),
        (TEXTS, {"name": " ", "text": "kept text"}, 422, ""),
        (TEXTS, {"name": "x" * 41, "text": "kept text"}, 422, ""),
        (TEXTS, {"name": "x", "text": "kept text" + "x" * 500}, 422, ""),
        (TEXTS, {"name": "x", "text": "\u200b"}, 422, ""),
    ]:
        answer = desk.post(path, fields)
        assert (answer.status_code, not code or f'data-refusal="{code}"' in html(answer)) == (status, True)
        assert fields["text"] in html(answer)
    for path in (f"{TEXTS}{foreign.pk}/", f"{TEXTS}{foreign.pk}/delete/", f"{TEXTS}x/"):
        assert desk.post(path, MORE).status_code == 404
    CannedText.objects.bulk_create([CannedText(owner=boss, name=f"No. {n}", text="x") for n in range(48)])
    answer = desk.post(TEXTS, MORE)
    assert (answer.status_code, 'data-refusal="too_many_canned_texts"' in html(answer)) == (400, True)
    assert CannedText.objects.filter(owner=boss).count() == 50


def test_the_database_refuses_a_text_that_breaks_a_rule(boss: User) -> None:
    kept(boss, "x" * 40, "x" * 500)
    for constraint, name, text in [
        ("cannedtext_name_unique|name", "x" * 40, "x"),
        ("cannedtext_name_length|too long", "x" * 41, "x"),
        ("cannedtext_name_length", "", "x"),
        ("cannedtext_text_length", "y", ""),
        ("cannedtext_text_length", "y", "x" * 501),
    ]:
        with pytest.raises((IntegrityError, DataError), match=constraint), transaction.atomic():
            kept(boss, name, text)
