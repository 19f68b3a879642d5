"""Saved views: named, found in the navigation, renamed, shared, deleted; and what the list no longer knows."""

from __future__ import annotations

import re
import threading
import uuid
from typing import Any
from urllib.parse import quote

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from tests.support import factories
from tests.support.pages import Desk, hidden, html, links, words
from tests.support.patience import PATIENCE
from tickets.models import SavedView
from tickets.saved_views import actions
from tickets.saved_views.actions import TooManyViews

pytestmark = pytest.mark.django_db
LIST = "/desk/tickets/"
VIEWS = "/desk/tickets/views/"


@pytest.fixture
def ana() -> User:
    return factories.associate(email="ana@example.com")


@pytest.fixture
def boss() -> User:
    return factories.manager(email="mia@example.com")


def save(desk: Desk, name: str, query: str = "overdue=1", **more: str) -> Any:
    return desk.post(VIEWS, {"name": name, "query": query, **more})


def navigation(desk: Desk) -> dict[str, str]:
    """The names in the navigation, each with its address."""
    page = desk.text("/desk/preferences/").partition('<ul class="views"')[2].partition("</ul>")[0]
    found = re.findall(r'<a href="([^"]+)".*?<span dir="auto">(.*?)</span>', page, re.DOTALL)
    return {name: address for address, name in found}


def test_filters_are_saved_and_found_in_the_navigation(ana: User) -> None:
    desk = Desk(ana)
    page = desk.text(f"{LIST}?page=1&pageSize=5&severity=HIGH&q=a+%26+b&sort=dueDate&nothing=x&createdBy=")
    query = hidden(page.partition('class="save-view"')[2], "query")
    assert query == "severity=HIGH&q=a+%26+b&sort=dueDate"
    answer = save(desk, "  Urgent  ", query)
    assert answer.headers["Location"] == f"{LIST}?{query}"
    assert "Saved as “Urgent”." in desk.text(answer.headers["Location"])
    [view] = SavedView.objects.all()
    assert (view.owner, view.name, view.query, view.is_shared) == (ana, "Urgent", query, False)
    assert navigation(desk) == {"Urgent": f"{VIEWS}{view.pk}/"}
    assert desk.get(f"{VIEWS}{view.pk}/").headers["Location"] == f"{LIST}?{query}"
    assert navigation(Desk(factories.associate())) == {}
    assert Desk(factories.associate()).get(f"{VIEWS}{view.pk}/").status_code == 404


def test_the_view_that_is_shown_is_marked(ana: User) -> None:
    desk = Desk(ana)
    save(desk, "Late")
    marked = 'title="Late" aria-current="page"'
    assert marked in desk.text(f"{LIST}?overdue=1&page=1")
    assert marked not in desk.text(f"{LIST}?overdue=1&severity=LOW")
    assert "Save view" in desk.text(f"{LIST}?severity=LOW")
    assert "Save view" not in desk.text(LIST)


def test_the_navigation_shows_eight_and_leads_to_the_rest(ana: User) -> None:
    desk = Desk(ana)
    for n in range(8):
        save(desk, f"View {n}")
    assert (len(navigation(desk)), "All views" in desk.text(LIST)) == (8, False)
    save(desk, "A last one")
    assert list(navigation(desk))[:2] == ["A last one", "View 0"]
    assert (len(navigation(desk)), "All views" in desk.text(LIST)) == (8, True)
    assert desk.text(VIEWS).count('<li id="view-') == 9


# --- Names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["", "   ", "x" * 41, "x\0y"])
def test_a_name_has_1_to_40_characters(ana: User, name: str) -> None:
    desk = Desk(ana)
    answer = save(desk, name)
    assert answer.status_code == 422
    assert hidden(html(answer), "query") == "overdue=1"
    view = actions.save_view(ana, name="x" * 40, query="overdue=1")
    assert desk.post(f"{VIEWS}{view.pk}/rename/", {"name": name}).status_code == 422
    assert [view.name for view in SavedView.objects.all()] == ["x" * 40]


def test_a_person_has_one_view_of_a_name(ana: User, boss: User) -> None:
    desk = Desk(ana)
    save(desk, "Late")
    answer = save(desk, "Late", "severity=LOW")
    assert (answer.status_code, 'data-refusal="view_name_taken"' in html(answer)) == (400, True)
    assert 'value="Late"' in html(answer)
    assert "You have a view of this name already." in html(answer)
    other = actions.save_view(ana, name="Other", query="severity=LOW")
    assert desk.post(f"{VIEWS}{other.pk}/rename/", {"name": "Late"}).status_code == 400
    assert save(Desk(boss), "Late").status_code == 302


def test_a_view_can_be_renamed(ana: User) -> None:
    desk = Desk(ana)
    view = actions.save_view(ana, name="Late", query="overdue=1")
    assert desk.post(f"{VIEWS}{view.pk}/rename/", {"name": " Too late "}).headers["Location"] == VIEWS
    assert list(navigation(desk)) == ["Too late"]


def test_a_new_name_for_a_view_that_was_deleted_meanwhile_is_not_lost(ana: User) -> None:
    answer = Desk(ana).post(f"{VIEWS}{uuid.uuid4()}/rename/", {"name": "Long thought of"})
    assert answer.status_code == 404
    assert 'data-refusal="view_not_found"' in html(answer)
    assert "The name that you typed: Long thought of" in words(answer)


def test_a_view_can_be_deleted_and_what_it_showed_seen_once_more(ana: User) -> None:
    desk = Desk(ana)
    view = actions.save_view(ana, name="<Late>", query="overdue=1&severity=LOW")
    page = desk.text(desk.post(f"{VIEWS}{view.pk}/forget/").headers["Location"])
    assert "Deleted “&lt;Late&gt;”." in page
    assert f"{LIST}?overdue=1&severity=LOW" in links(page)
    assert not SavedView.objects.exists()


# --- Sharing ---------------------------------------------------------------------------------------------------------


def test_a_manager_shares_and_everybody_finds_it(ana: User, boss: User) -> None:
    desk, others = Desk(boss), Desk(ana)
    save(desk, "Mine to review", "awaiting=me")
    assert navigation(others) == {}
    [view] = SavedView.objects.all()
    desk.post(f"{VIEWS}{view.pk}/share/", {"shared": "1"})
    assert list(navigation(others)) == ["Mine to review"]
    assert others.get(f"{VIEWS}{view.pk}/").headers["Location"] == f"{LIST}?awaiting=me"
    assert "Mia · awaiting my review" in words(others.text(VIEWS))
    desk.post(f"{VIEWS}{view.pk}/share/")
    assert navigation(others) == {}
    save(desk, "Shared at once", shared="1")
    assert list(navigation(others)) == ["Shared at once"]


def test_an_associate_cannot_share(ana: User) -> None:
    desk = Desk(ana)
    save(desk, "Late")
    assert "Share" not in desk.text(VIEWS) + desk.text(f"{LIST}?overdue=1")
    [view] = SavedView.objects.all()
    refused = desk.post(f"{VIEWS}{view.pk}/share/", {"shared": "1"})
    assert (refused.status_code, save(desk, "Other", shared="1").status_code) == (403, 403)
    assert [view.is_shared for view in SavedView.objects.all()] == [False]


@pytest.mark.parametrize("change", [{"role": "ASSOCIATE"}, {"is_active": False}])
def test_who_is_no_manager_any_more_shares_nothing(ana: User, boss: User, change: dict[str, Any]) -> None:
    actions.save_view(boss, name="Late", query="overdue=1", is_shared=True)
    assert list(navigation(Desk(ana))) == ["Late"]
    User.objects.filter(pk=boss.pk).update(**change)
    assert navigation(Desk(ana)) == {}


@pytest.mark.parametrize("action", ["rename", "share", "forget"])
def test_only_its_owner_changes_a_view(ana: User, boss: User, action: str) -> None:
    view = actions.save_view(boss, name="Late", query="overdue=1", is_shared=True)
    for desk in (Desk(ana), Desk(factories.manager())):
        refused = desk.post(f"{VIEWS}{view.pk}/{action}/", {"name": "Mine now", "shared": "1"})
        assert refused.status_code == 404
        assert desk.post(f"{VIEWS}x/{action}/", {"name": "Mine now"}).status_code == 404
        assert desk.get(f"{VIEWS}{view.pk}/{action}/").headers["Location"] == VIEWS
    view.refresh_from_db()
    assert (view.name, view.is_shared) == ("Late", True)


# --- What the list does not know any more -----------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["status=NEW", "createdBy=00000000-0000-0000-0000-000000000000", "overdue=maybe"])
def test_a_view_that_is_not_understood_any_more_says_so(ana: User, boss: User, query: str) -> None:
    view = SavedView.objects.create(owner=boss, name="Old", query=query, is_shared=True)
    own, others = Desk(boss), Desk(ana)
    assert "Delete it below" in words(own.text(f"{VIEWS}{view.pk}/"))
    page = others.text(f"{VIEWS}{view.pk}/")
    assert re.search('Tell <a href="mailto:mia@example.com" [^>]*><bdi>Mia</bdi></a>, who shares it.', page)
    assert f"Not understood any more: {query.partition('=')[0]}" in words(own.text(VIEWS))
    assert own.post(f"{VIEWS}{view.pk}/forget/").status_code == 302


@pytest.mark.parametrize(("query", "status"), [("status=NEW", 400), ("", 422), ("page=2", 422), ("nothing=1", 422)])
def test_what_is_no_filter_is_not_saved(ana: User, query: str, status: int) -> None:
    assert save(Desk(ana), "Late", query).status_code == status
    assert not SavedView.objects.exists()


def test_the_longest_search_can_be_saved(ana: User) -> None:
    query = f"q={quote('漢' * 1000)}"
    assert save(Desk(ana), "Long", query).headers["Location"] == f"{LIST}?{query}"


def test_a_view_typed_before_the_session_ended_is_still_there(ana: User) -> None:
    desk = Desk(ana)
    desk.lose_session()
    answer = save(desk, "Late")
    assert answer.headers["Location"] == f"/desk/login/?next={VIEWS}"
    ana.set_password("correct horse battery")
    ana.save()
    desk.post("/desk/login/", {"email": ana.email, "password": "correct horse battery", "next": VIEWS})
    page = desk.text(VIEWS)
    assert 'value="Late"' in page
    assert hidden(page, "query") == "overdue=1"


# --- Limits ----------------------------------------------------------------------------------------------------------


def fill(owner: User, count: int) -> None:
    """Views up to this number."""
    numbers = range(SavedView.objects.count(), count)
    SavedView.objects.bulk_create(SavedView(owner=owner, name=f"View {n}", query="overdue=1") for n in numbers)


def test_a_person_has_at_most_50_views(ana: User, boss: User) -> None:
    fill(ana, 49)
    assert save(Desk(ana), "The 50th").status_code == 302
    refused = save(Desk(ana), "The 51st")
    assert (refused.status_code, 'data-refusal="too_many_views"' in html(refused)) == (400, True)
    assert SavedView.objects.count() == 50
    assert save(Desk(boss), "Hers").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_limit_holds_when_two_are_saved_at_once() -> None:
    owner = factories.associate()
    fill(owner, 49)
    barrier, refused = threading.Barrier(2), []

    def one(name: str) -> None:
        try:
            barrier.wait(PATIENCE)
            actions.save_view(owner, name=name, query="overdue=1")
        except TooManyViews:
            refused.append(name)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=[name]) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (SavedView.objects.count(), len(refused)) == (50, 1)


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("rememberedview_name_length", {"name": ""}),
        ("rememberedview_name_length", {"name": "x" * 41}),
        ("rememberedview_query_length", {"query": ""}),
        ("rememberedview_query_length", {"query": "x" * 12_001}),
        ("rememberedview_name_unique", {"name": "Taken"}),
    ],
    ids=range(5),
)
def test_the_database_holds_views_to_their_form(ana: User, constraint: str, fields: dict[str, str]) -> None:
    SavedView.objects.create(owner=ana, name="Taken", query="overdue=1")
    if connection.vendor == "sqlite" and constraint.endswith("unique"):
        constraint = "owner_id, tickets_rememberedview.name"  # SQLite names the columns
    if connection.vendor == "postgresql" and fields.get("name") == "x" * 41:
        constraint = "too long"  # the column's own limit comes first
    with pytest.raises((IntegrityError, DataError), match=constraint), transaction.atomic():
        SavedView.objects.bulk_create([SavedView(**{"owner": ana, "name": "n", "query": "q", **fields})])


def test_views_take_the_same_queries_for_1_and_50(ana: User, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    desk = Desk(ana)
    for count in (1, 50):
        fill(ana, count)
        with django_assert_num_queries(2 + 3):  # session and person; the inbox, the navigation, the views
            page = desk.text(VIEWS)
        assert page.count('<li id="view-') == count


def test_views_of_people_take_the_same_queries_for_1_and_50(
    ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    desk = Desk(ana)
    for count in (1, 50):
        SavedView.objects.all().delete()
        people = [factories.associate(name=f"Ana {number}") for number in range(count)]
        views = [SavedView(owner=ana, name=user.email, query=f"createdBy={user.pk}") for user in people]
        SavedView.objects.bulk_create(views)
        with django_assert_num_queries(2 + 4):  # session and person; the inbox, the navigation, the views, the people
            page = desk.text(VIEWS)
        assert all(f"raised by Ana {number}" in words(page) for number in range(count))
    gone = SavedView.objects.create(owner=factories.manager(), name="x", query=f"createdBy={uuid.uuid4()}")
    SavedView.objects.filter(pk=gone.pk).update(is_shared=True)
    assert "Not understood any more: createdBy" in words(desk.text(VIEWS))
