"""What support staff did to a person stands, whatever the person was doing at that moment.

The staff's act takes place, in a thread of its own, before the first statement of the person's request, before the
second, and so on to the last: nothing of what a request does lies between two places that are not tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import count
from threading import Thread
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.db import connection
from django.test import Client

from accounts.actions import change_person, create_person
from accounts.errors import EmailTaken
from accounts.letters import one_time_link
from accounts.models import User
from accounts.record.acts import By
from accounts.signing_in.tokens import issue_token
from tests.support.client import ApiClient
from tests.support.factories import PASSWORD, associate, manager
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.django_db(transaction=True)

NEW = "a quiet new morning"
STAFFS = "what support staff have set"
MOMENT = 0.5  # seconds for the staff's act before the person's request goes on: it may wait for a lock of that

type Act = Callable[[Client, User], None]


def post(staff: Client, path: str, values: dict[str, str]) -> None:
    """The admin reports success."""
    answer = staff.post(f"/admin/accounts/user/{path}", values)
    assert answer.status_code == 302, answer.content


def demote(staff: Client, person: User) -> None:
    page = {"email": person.email, "role": "ASSOCIATE", "is_active": "on"}
    shown = {"initial-email": person.email, "initial-role": "MANAGER", "initial-is_active": "True"}
    post(staff, f"{person.pk}/change/", page | shown)


def deactivate(staff: Client, person: User) -> None:
    post(staff, "", {"action": "deactivate", "_selected_action": str(person.pk)})


def set_password(staff: Client, person: User) -> None:
    values = {"password1": STAFFS, "password2": STAFFS, "usable_password": "true", "set-password": "x"}
    post(staff, f"{person.pk}/password/", values)


ACTS: list[Act] = [demote, deactivate, set_password]


def save_preferences(browser: Client, person: User) -> None:
    browser.post("/desk/preferences/", {"theme": "DARK", "time_zone": "Asia/Tokyo"})


def change_password(browser: Client, person: User) -> None:
    typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    browser.post("/desk/preferences/password/", typed)


def follow_link(browser: Client, person: User) -> None:
    browser.post(browser.link_form, {"new_password1": NEW, "new_password2": NEW})  # type: ignore[attr-defined]  # made below


def read_inbox(browser: Client, person: User) -> None:
    browser.post("/desk/inbox/", {"read": "all", "rest": "2026-01-01T00:00:00Z~1"})


def sign_in(browser: Client, person: User) -> None:
    browser.post("/desk/login/", {"email": person.email, "password": PASSWORD})


def get_token(browser: Client, person: User) -> None:
    answer = ApiClient().post("/auth/login", {"email": person.email, "password": PASSWORD})
    browser.token = answer.json().get("access_token", "none")  # type: ignore[attr-defined]  # kept for judge


WRITERS = [save_preferences, change_password, follow_link, read_inbox, sign_in, get_token]
SIGN_INS = (sign_in, get_token)


class Before:
    """Starts an act before one statement of those that this thread sends."""

    def __init__(self, act: Callable[[], None], statement: int) -> None:
        self.sent, self.statement = 0, statement
        self.failures: list[BaseException] = []
        self.thread = Thread(target=self._run, args=[act])

    def _run(self, act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:  # noqa: BLE001  # told to the test
            self.failures.append(error)
        finally:
            connection.close()

    def __call__(self, execute: Any, *arguments: Any) -> Any:
        if self.sent == self.statement:
            self.thread.start()
            self.thread.join(MOMENT)
        self.sent += 1
        return execute(*arguments)


def prepare(writer: Any, person: User) -> Client:
    browser = Client()
    if writer is follow_link:
        link = re.sub(r"^https?://[^/]+", "", one_time_link(person))
        browser.link_form = browser.get(link, follow=True).request["PATH_INFO"]  # type: ignore[attr-defined]
    elif writer not in SIGN_INS:
        browser.force_login(person)
    return browser


def interleavings(writer: Any, acts: Callable[[int], list[Act]]) -> Iterator[None]:
    chief = manager(is_staff=True)
    for statement in count():
        for act in acts(statement):
            person = manager(password=PASSWORD)
            if writer in SIGN_INS:
                old = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1)
                User.objects.filter(pk=person.pk).update(password=old)
                person.refresh_from_db()
            staff, browser, token = Client(), prepare(writer, person), issue_token(person)
            staff.force_login(chief)
            before = Before(lambda act=act, staff=staff, person=person: act(staff, person), statement)  # type: ignore[misc]  # bound now
            with connection.execute_wrapper(before):
                writer(browser, person)
            if before.sent <= statement:
                return
            before.thread.join()
            assert before.failures == []
            judge(act, writer, person, browser, token)
        yield


def judge(act: Act, writer: Any, person: User, browser: Client, token: str) -> None:
    person.refresh_from_db()
    assert person.role == ("ASSOCIATE" if act is demote else "MANAGER")
    assert person.is_active is (act is not deactivate)
    assert ApiClient(token=token).get("/auth/me").status_code == 401
    if act is set_password:
        assert person.check_password(STAFFS)
    if act is not demote:
        assert browser.get("/desk/").status_code == 302
        assert ApiClient().post("/auth/login", {"email": person.email, "password": PASSWORD}).status_code == 401
        assert ApiClient(token=getattr(browser, "token", "none")).get("/auth/me").status_code == 401
    elif writer not in SIGN_INS:  # who signs in while they are demoted may come to do so just after it
        assert browser.get("/desk/").status_code == 302


@pytest.mark.parametrize("writer", WRITERS, ids=lambda writer: writer.__name__)
def test_what_staff_did_stands_and_the_person_is_signed_out(writer: Any, long_run: bool) -> None:
    tried = sum(1 for _ in interleavings(writer, lambda n: ACTS if long_run else [ACTS[n % 3]]))
    assert tried >= 3


def test_who_changes_their_password_while_staff_set_another_is_told_so() -> None:
    chief, person = manager(is_staff=True), associate(password=PASSWORD)
    staff, browser = Client(), Client()
    staff.force_login(chief)
    browser.force_login(person)
    typed = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    before = Before(lambda: set_password(staff, person), 2)  # the session and the person have been read
    with connection.execute_wrapper(before):
        answer = browser.post("/desk/preferences/password/", typed)
    before.thread.join()
    assert before.failures == []
    assert answer.headers["Location"] == "/desk/login/"
    assert "Your account was changed by support staff" in browser.get("/desk/login/").content.decode()
    person.refresh_from_db()
    assert person.check_password(STAFFS)


def test_of_two_who_are_made_with_one_email_one_is_refused_with_words() -> None:
    """A button that was pressed twice: both forms were valid before either person was there."""
    boss, browser = manager(is_staff=True), Client()
    made: list[bool] = []
    browser.force_login(boss)

    def first_other(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.startswith('INSERT INTO "accounts_user"') and not made:
            made.append(True)
            thread = Thread(target=make)
            thread.start()
            thread.join(PATIENCE)
        return execute(sql, *rest)

    def make() -> None:
        associate(email="ana@example.com")
        connection.close()

    values = {"email": "ana@example.com", "role": "ASSOCIATE", "usable_password": "false"}
    if connection.vendor == "postgresql":  # SQLite lets nobody else write meanwhile
        with connection.execute_wrapper(first_other):
            answer = browser.post("/admin/accounts/user/add/", values)
        assert answer.status_code == 409
        assert "Somebody has this e-mail already." in answer.content.decode()
    else:
        associate(email="ana@example.com")
    with pytest.raises(EmailTaken):
        create_person(By(boss, ""), User(email="ana@example.com", role="ASSOCIATE"))
    other = associate(email="ben@example.com")
    with pytest.raises(EmailTaken):
        change_person(By(boss, ""), other, email="ana@example.com")
    assert sorted(User.objects.values_list("email", flat=True)) == sorted(
        [boss.email, "ana@example.com", "ben@example.com"]
    )


def test_a_page_of_the_admin_that_is_out_of_date_brings_nobody_back() -> None:
    staff, person = Client(), associate()
    staff.force_login(manager(is_staff=True))
    page = staff.get(f"/admin/accounts/user/{person.pk}/change/").content.decode()
    shown = dict(re.findall(r'<input type="hidden" name="(initial-\w+)" value="([^"]*)"', page))
    assert set(shown) == {"initial-email", "initial-role", "initial-is_active", "initial-is_staff"}
    User.objects.filter(pk=person.pk).update(is_active=False, role="MANAGER")
    post(
        staff,
        f"{person.pk}/change/",
        shown | {"email": "new@example.com", "role": "ASSOCIATE", "is_active": "on"},
    )
    person.refresh_from_db()
    assert (person.email, person.role, person.is_active) == ("new@example.com", "MANAGER", False)
