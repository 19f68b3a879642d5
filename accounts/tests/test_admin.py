"""What support staff may do with people, and what not."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.models import User
from tests.support.factories import PASSWORD, associate, manager

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> User:
    return associate(is_staff=True, password=PASSWORD)


@pytest.fixture
def desk(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def test_the_admin_is_for_staff_only() -> None:
    client = Client()
    client.force_login(manager())
    assert client.get("/admin/").status_code == 302


def test_staff_sign_in_and_failures_count(staff: User) -> None:
    client = Client()
    page = client.post("/admin/login/", {"username": staff.email, "password": "wrong"})
    assert "Invalid credentials" in page.content.decode()
    page = client.post("/admin/login/?next=/admin/", {"username": staff.email.upper(), "password": PASSWORD})
    assert page.headers["Location"] == "/admin/"


@pytest.fixture
def chief_desk() -> Client:
    """The admin as a manager sees it who is support staff."""
    client = Client()
    client.force_login(manager(is_staff=True))
    return client


def test_people_are_made_and_their_one_time_link_is_shown(chief_desk: Client) -> None:
    form = {"email": "New.Person@Example.com", "role": "MANAGER", "usable_password": "false"}
    page = chief_desk.post("/admin/accounts/user/add/", form, follow=True)
    made = User.objects.get(email="new.person@example.com")
    assert (made.role, made.is_staff, made.has_usable_password()) == ("MANAGER", False, False)
    link = re.search(r'data-copy="http://localhost:8080(/desk/password/[^"]+/)"', page.content.decode())
    assert link is not None
    assert 'src="/static/js/copy.js"' in page.content.decode()
    assert "New password" in Client().get(link[1], follow=True).content.decode()


def test_people_can_be_made_with_a_password(chief_desk: Client) -> None:
    form = {"email": "new@example.com", "role": "ASSOCIATE", "usable_password": "true"}
    page = chief_desk.post(
        "/admin/accounts/user/add/", form | {"password1": PASSWORD, "password2": PASSWORD}, follow=True
    )
    assert User.objects.get(email="new@example.com").check_password(PASSWORD)
    assert "data-copy" not in page.content.decode()


def test_an_email_in_another_case_is_taken(desk: Client, staff: User) -> None:
    form = {"email": staff.email.upper(), "role": "MANAGER", "usable_password": "false"}
    page = desk.post("/admin/accounts/user/add/", form)
    assert page.status_code == 200
    assert User.objects.count() == 1


def test_people_are_deactivated_and_never_deleted(desk: Client) -> None:
    user = associate()
    desk.post("/admin/accounts/user/", {"action": "deactivate", "_selected_action": [str(user.pk)]})
    user.refresh_from_db()
    assert user.is_active is False
    assert desk.get(f"/admin/accounts/user/{user.pk}/delete/").status_code == 403
    assert "delete_selected" not in desk.get("/admin/accounts/user/").content.decode()


def test_nobody_changes_their_own_rights(desk: Client, staff: User) -> None:
    page = desk.get(f"/admin/accounts/user/{staff.pk}/change/").content.decode()
    assert 'name="role"' not in page
    desk.post(f"/admin/accounts/user/{staff.pk}/change/", {"email": staff.email, "role": "MANAGER"})
    staff.refresh_from_db()
    assert staff.role == "ASSOCIATE"


def test_a_one_time_link_is_made_and_works(desk: Client) -> None:
    user = associate()
    page = desk.post(
        "/admin/accounts/user/", {"action": "make_one_time_link", "_selected_action": [str(user.pk)]}, follow=True
    )
    link = re.search(r"http://localhost:8080(/desk/password/[^ ]+/)", page.content.decode())
    assert link is not None
    assert "New password" in Client().get(link[1], follow=True).content.decode()
    assert f"Where {user.email} sets a new password, once, within a day: http" in page.content.decode()


def test_the_admin_has_no_second_door_to_ones_own_password(desk: Client, staff: User) -> None:
    """Only the page of the desk records the change."""
    form = {"old_password": PASSWORD, "new_password1": "a quiet new morning", "new_password2": "a quiet new morning"}
    for answer in (desk.get("/admin/password_change/"), desk.post("/admin/password_change/", form)):
        assert (answer.status_code, answer.headers["Location"]) == (302, "/desk/preferences/password/")
    staff.refresh_from_db()
    assert staff.check_password(PASSWORD)
