"""People over REST, and names in all the ways in which they are given."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.actions import change_person
from accounts.models import AuditEntry, Letter, User
from accounts.record.acts import By
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.fakes.smtp import IN_MEMORY
from tests.support.pages import Desk, html, words

pytestmark = pytest.mark.django_db
PREFERENCES = {"theme": "SYSTEM", "time_zone": "UTC"}


# --- REST


@pytest.fixture
def mia() -> User:
    return factories.manager(email="mia@example.com", name="Mia Reed")


def test_anybody_who_is_signed_in_learns_who_is_behind_an_id(mia: User) -> None:
    ana = factories.associate(email="ana.sousa@example.com", is_active=False)
    client = ApiClient(factories.associate())
    shown: dict[str, Any] = {"id": str(ana.pk), "name": "Ana Sousa", "email": "ana.sousa@example.com"}
    assert client.get(f"/people/{ana.pk}").json() == {**shown, "role": "ASSOCIATE", "active": False}
    assert client.get(f"/people/{str(ana.pk).upper()}").json()["name"] == "Ana Sousa"
    own = ApiClient(mia).get("/people/me").json()
    assert own == {"id": str(mia.pk), "name": "Mia Reed", "email": mia.email, "role": "MANAGER", "active": True}
    for id in ("x", "ME", ana.pk.hex, "00000000-0000-4000-8000-000000000000", "%00", "1"):
        assert assert_error(client.get(f"/people/{id}"), 404, "person_not_found")["message"] == "Person not found"
    assert_error(ApiClient().get("/people"), 401, "unauthorized")


def test_people_are_listed_by_name_role_and_state(mia: User) -> None:
    factories.associate(email="ana@example.com", name="Ana Souza")
    factories.associate(email="joao@example.com", name="João Reed", is_active=False)
    client = ApiClient(mia)
    everybody = ["ana@example.com", "joao@example.com", "mia@example.com"]
    for query, found in {
        "": everybody,
        "q=&role=&active=&page=&pageSize=": everybody,
        "q=REED": everybody[1:],
        "q=joao+reed": ["joao@example.com"],
        "q=ana@": ["ana@example.com"],
        "q=nobody": [],
        "role=MANAGER": ["mia@example.com"],
        "active=true": ["ana@example.com", "mia@example.com"],
        "active=false&role=ASSOCIATE&q=reed": ["joao@example.com"],
        "colour=red": everybody,
    }.items():
        answer = client.get(f"/people?{query}").json()
        assert ([item["email"] for item in answer["items"]], answer["total"]) == (found, len(found)), query
    second = client.get("/people?pageSize=2&page=2").json()
    assert [item["name"] for item in second.pop("items")] == ["Mia Reed"]
    assert second == {"total": 3, "page": 2, "pageSize": 2}
    assert client.get("/people?page=9&pageSize=999").json() == {"items": [], "total": 3, "page": 9, "pageSize": 200}


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("role=manager&active=yes&page=0&pageSize=x", ["page", "pageSize"]),
        ("role=manager&active=yes", ["active", "role"]),
        ("role=ADMIN", ["role"]),
        ("active=1", ["active"]),
        ("active=True", ["active"]),
        (f"q={'x' * 201}", ["q"]),
        ("q=a%00", ["q"]),
    ],
)
def test_bad_values_are_named(query: str, named: list[str], mia: User) -> None:
    assert sorted(assert_error(ApiClient(mia).get(f"/people?{query}"), 400, "invalid_input")["fields"]) == named


def test_a_list_of_people_takes_the_same_queries_for_1_and_3(
    mia: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = ApiClient(mia)
    for _ in range(2):
        with django_assert_num_queries(1 + 2):  # the token's person; how many, and the page
            client.get("/people")
        for _more in range(2):
            factories.associate()


# --- One's own name


def changes() -> list[tuple[str, Any]]:
    return [(entry.action, entry.changes) for entry in AuditEntry.objects.order_by("pk")]


def test_people_name_themselves_and_that_is_recorded(mia: User) -> None:
    desk = Desk(mia)
    assert "You sign in as mia@example.com" in words(desk.text("/desk/preferences/"))
    renamed = {**PREFERENCES, "name": "  Mia   d’Água ", "initial-name": "Mia Reed"}
    assert desk.post("/desk/preferences/", renamed).status_code == 302
    mia.refresh_from_db()
    assert (mia.name, mia.folded_name) == ("Mia d’Água", "mia d’agua")
    desk.post("/desk/preferences/", {**PREFERENCES, "theme": "DARK", "name": mia.name, "initial-name": mia.name})
    desk.post("/desk/preferences/", {**PREFERENCES, "name": "", "initial-name": mia.name})
    mia.refresh_from_db()
    assert (mia.name, mia.folded_name, mia.shown_name) == ("", "", "Mia")
    assert changes() == [
        ("person_changed", {"name": ["Mia Reed", "Mia d’Água"]}),
        ("person_changed", {"name": ["Mia d’Água", ""]}),
    ]


@pytest.mark.parametrize("name", ["x" * 101, "A\u202eB", "\u3164", "A\x00"])
def test_a_name_that_may_not_be_is_refused_at_its_field(name: str, mia: User) -> None:
    answer = Desk(mia).post("/desk/preferences/", {**PREFERENCES, "name": name, "initial-name": mia.name})
    assert answer.status_code == 422
    assert 'href="#id_name"' in html(answer)
    mia.refresh_from_db()
    assert mia.name == "Mia Reed"


def test_a_page_that_is_out_of_date_does_not_take_back_the_name_that_staff_gave(mia: User) -> None:
    change_person(By(factories.manager(is_staff=True), ""), mia, name="Mia Reed-Jones")
    stale = {**PREFERENCES, "theme": "DARK", "name": "Mia Reed", "initial-name": "Mia Reed"}
    Desk(mia).post("/desk/preferences/", stale)
    mia.refresh_from_db()
    assert (mia.name, mia.theme) == ("Mia Reed-Jones", "DARK")


# --- By support staff and operators


def test_staff_name_people_who_are_told(mia: User, settings: Settings) -> None:
    settings.HAS_MAIL, settings.MAILERS = True, IN_MEMORY
    chief = factories.manager(email="chief@example.com", name="Zoe Hill", is_staff=True)
    desk, page = Desk(chief), f"/admin/accounts/user/{mia.pk}/change/"
    fields = {"email": mia.email, "role": "MANAGER", "is_active": "on", "initial-name": "Mia Reed"}
    fields |= {f"initial-{name}": value for name, value in {"email": mia.email, "role": "MANAGER"}.items()}
    assert desk.post(page, {**fields, "name": "Mia Água", "initial-is_active": "True"}).status_code == 302
    mia.refresh_from_db()
    assert (mia.name, mia.folded_name) == ("Mia Água", "mia agua")
    assert changes() == [("person_changed", {"name": ["Mia Reed", "Mia Água"]})]
    [letter] = Letter.objects.all()
    assert letter.text.splitlines() == [
        "Your name is now Mia Água.",
        "",
        "This was done by Zoe Hill (chief@example.com). If you did not expect it, ask them.",
    ]
    assert desk.post(page, {**fields, "name": "\u202e"}).status_code == 200
    made = {"email": "new@example.com", "name": " Nova  Ana", "role": "ASSOCIATE", "usable_password": "false"}
    desk.post("/admin/accounts/user/add/", made)
    assert User.objects.get(email="new@example.com").folded_name == "nova ana"
    values = {"email": [None, "new@example.com"], "name": [None, "Nova Ana"], "role": [None, "ASSOCIATE"]}
    assert ("person_created", {**values, "is_staff": [None, False]}) in changes()


def test_an_operator_names_whom_they_make(monkeypatch: pytest.MonkeyPatch) -> None:
    def create(name: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO("a quiet new morning\n"))
        call_command("create_user", "ana@example.com", "--name", name, stdout=io.StringIO())

    for bad in ("x" * 101, "A\u202eB"):
        with pytest.raises(CommandError):
            create(bad)
    create(" Ana  Sousa ")
    made = User.objects.get()
    assert (made.name, made.folded_name, made.check_password("a quiet new morning")) == ("Ana Sousa", "ana sousa", True)
