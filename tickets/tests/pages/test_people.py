"""People on pages: by name, with the e-mail at hand, and as filters of the list that one types."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, html, links, url, words
from tickets import actions

pytestmark = pytest.mark.django_db
LIST = "/desk/tickets/"
HTMX = {"HX-Request": "true", "HX-Target": "results"}


def shown(page: str) -> set[str]:
    """The names of the page, each with what one reads where one hovers."""
    return set(re.findall(r'<span class="who tone-\d" data-initials="[^"]*" title="([^"]*)"><bdi>', page))


def numbers(page: str) -> list[str]:
    return re.findall(r'<a href="/desk/tickets/(TKT-[0-9-]+)/\?', page)


def test_people_stand_everywhere_by_name_with_the_e_mail_on_hover(author: User, boss: User) -> None:
    ticket = factories.ticket("REVIEW", author=author, reviewer=boss)
    ana, mia = f"Ana Sousa ({author.email})", f"Mia Reed ({boss.email})"
    for path in (LIST, url(ticket), "/desk/inbox/", "/desk/", url(ticket, "edit/")):
        page = Desk(author).text(path)
        assert mia in shown(page) or path == LIST, path
        assert ana in shown(page), path  # in the navigation at least
        assert author.email not in words(page) or path == url(ticket)
    assert "Mia Reed changed the severity" in words(Desk(author).text(url(ticket)))


def test_a_tickets_page_has_the_e_mail_of_everybody_it_names_one_tap_away(author: User, boss: User) -> None:
    other = factories.manager(name="Zoe <Hill>", email="zoe?bcc=x@example.com")
    ticket = factories.ticket("REVIEW", author=author, reviewer=boss)
    actions.edit_ticket(other, ticket.pk, title="Better")
    page = Desk(factories.associate()).text(url(ticket))
    contacts = page.partition("<summary>E-mails</summary>")[2].partition("</details>")[0]
    people = [("Ana Sousa", author.email), ("Mia Reed", boss.email), ("Zoe <Hill>", "zoe?bcc=x@example.com")]
    ways = [author.email, boss.email, "zoe%3Fbcc%3Dx@example.com"]
    assert links(contacts) == [f"mailto:{way}" for way in ways]
    assert words(contacts.replace("<wbr>", "")) == " ".join(f"{name} {email}" for name, email in people)


def test_the_external_system_has_no_mark(author: User) -> None:
    page = Desk(author).text(url(factories.ticket("CLOSED", author=author)))
    assert "<strong>The external system</strong> reported it as" in " ".join(page.split())


def test_the_list_narrows_by_author_and_reviewer_in_words(author: User, boss: User) -> None:
    wanted = factories.ticket("PENDING", author=author, reviewer=boss)
    factories.ticket("PENDING", author=author)
    factories.ticket("PENDING", reviewer=boss)
    query = urlencode({"createdBy": author.pk, "reviewedBy": boss.pk})
    page = Desk(factories.associate()).text(f"{LIST}?{query}")
    assert numbers(page) == [wanted.ticket_number]
    chips = re.findall(r'<a class="chip" href="([^"]+)".*?<span>(.*?)</span> <span', page)
    assert chips == [
        (f"?reviewedBy={boss.pk}", "raised by <bdi>Ana Sousa</bdi>"),
        (f"?createdBy={author.pk}", "reviewed by <bdi>Mia Reed</bdi>"),
    ]
    for parameter, person in (("createdBy", author), ("reviewedBy", boss)):
        assert f'form="filters" name="{parameter}" value="{person.pk}"' in page  # the next search keeps them
    assert "reviewed by me" in words(Desk(boss).text(f"{LIST}?reviewedBy=me"))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_typed_name_becomes_the_id_of_the_person(headers: dict[str, str], author: User, boss: User) -> None:
    """htmx follows the same redirect, and writes the address that it was led to."""
    desk = Desk(boss)
    for typed, led in {
        "author=sousa&status=DRAFT&page=3": f"status=DRAFT&createdBy={author.pk}",
        f"author={author.email.upper()}": f"createdBy={author.pk}",
        "reviewer=Mia&severity=": f"severity=&reviewedBy={boss.pk}",
        "author=ana+sousa&reviewer=reed": f"createdBy={author.pk}&reviewedBy={boss.pk}",
        f"author=sousa&createdBy={boss.pk}": f"createdBy={author.pk}",
        "author=sousa&createdBy=me": f"createdBy={author.pk}",
        f"createdBy=me&createdBy={author.pk}": "createdBy=me",  # the box was ticked beside an id in use
    }.items():
        answer = desk.get(f"{LIST}?{typed}", headers=headers)
        assert (answer.status_code, answer.headers.get("Location")) == (302, f"{LIST}?{led}"), typed
    for none in ("author=", "author=++&reviewer=", f"createdBy={author.pk}&createdBy={author.pk}"):
        assert desk.get(f"{LIST}?{none}", headers=headers).status_code == 200


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_who_is_meant_is_asked_where_several_fit(headers: dict[str, str], boss: User) -> None:
    one = factories.associate(name="Rui Costa", email="a@example.com")
    two = factories.associate(name="Rui Costa Lima", email="b@example.com")
    gone = factories.associate(name="Ruimar", email="gone@example.com", is_active=False)
    factories.ticket(author=one)
    desk = Desk(boss)
    page = html(desk.get(f"{LIST}?author=rui&status=DRAFT", headers=headers))
    assert "Which author do you mean?" in page
    asked = page.partition('class="asking"')[2].partition("</section>")[0]
    assert [href for href in links(asked) if "createdBy" in href] == [
        f"?status=DRAFT&createdBy={person.pk}" for person in (one, two, gone)
    ]
    assert "gone@example.com · deactivated" in words(asked)
    assert links(asked)[-1] == "?status=DRAFT"
    assert numbers(page) == []
    exact = desk.get(f"{LIST}?author=rui+costa", headers=headers)
    assert exact.headers["Location"] == f"{LIST}?createdBy={one.pk}"
    nobody = html(desk.get(f"{LIST}?reviewer=%3Cb%3E", headers=headers))
    assert "Nobody is called “<bdi>&lt;b&gt;</bdi>”" in nobody
    for _ in range(11):
        factories.associate(name="Rui Novo")
    assert "There are more." in html(desk.get(f"{LIST}?author=rui", headers=headers))
    assert desk.get(f"{LIST}?author=%00{'x' * 5000}", headers=headers).status_code == 200


def test_names_cost_the_list_no_query(boss: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    desk, author = Desk(boss), factories.associate(name="Ana Sousa")
    for _ in range(2):
        factories.ticket("PENDING", author=author, reviewer=boss)
        with django_assert_num_queries(7 + 1):  # those of any list, and one for whom `createdBy` names
            desk.text(f"{LIST}?createdBy={author.pk}&reviewedBy=me")
