"""Signing in over REST."""

from __future__ import annotations

import time
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
from django.db import connection
from django.db.models import F

from accounts.models import SignInFailure, User
from tests.support import factories
from tests.support.client import ApiClient, assert_error, sign_in
from tests.support.factories import PASSWORD

pytestmark = pytest.mark.django_db

BODY_KEYS = {"access_token", "user"}


def test_sign_in_answers_with_a_token_and_who_one_is() -> None:
    user = factories.associate(email="ana@example.com", password=PASSWORD)
    response = sign_in("ana@example.com")
    assert response.status_code == 201
    answer = response.json()
    assert set(answer) == BODY_KEYS
    assert answer["user"] == {"id": str(user.pk), "email": "ana@example.com", "role": "ASSOCIATE"}
    me = ApiClient(token=answer["access_token"]).get("/auth/me")
    assert (me.status_code, me.json()) == (200, answer["user"])


def test_a_manager_is_told_so() -> None:
    factories.manager(email="boss@example.com", password=PASSWORD)
    assert sign_in("boss@example.com").json()["user"]["role"] == "MANAGER"


@pytest.mark.parametrize("email", ["ANA@EXAMPLE.COM", "Ana@Example.com", " ana@example.com "])
def test_emails_are_compared_without_case(email: str) -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    assert sign_in(email).json()["user"]["email"] == "ana@example.com"


def test_an_email_is_kept_in_lower_case() -> None:
    factories.associate(email="Ana.Maria@Example.COM", password=PASSWORD)
    assert sign_in("ana.maria@example.com").json()["user"]["email"] == "ana.maria@example.com"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("nobody@example.com", PASSWORD),
        ("ana@example.com", "wrong"),
        ("ana@example.com", PASSWORD.upper()),
        ("ana@example.com", f" {PASSWORD}"),
        ("ana@example.com", f"{PASSWORD} "),
        ("inactive@example.com", PASSWORD),
        ("inactive@example.com", "wrong"),
        ("unset@example.com", PASSWORD),
        ("unset@example.com", "!"),
        ("not an e-mail", PASSWORD),
        ("ana@example.com%", PASSWORD),
        ("x" * 900 + "@example.com", PASSWORD),
        ("ana@example.com", "x" * 4000),
    ],
    ids=range(13),
)
def test_every_failure_is_the_same_answer(email: str, password: str) -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    factories.associate(email="inactive@example.com", password=PASSWORD, is_active=False)
    factories.associate(email="unset@example.com")
    response = sign_in(email, password)
    assert_error(response, 401, "invalid_credentials", "Invalid credentials")
    assert "fields" not in response.json()


WRONG = [None, "", 5, True, [], ["x"], {}, {"a": "b"}, "a\x00b"]


@pytest.mark.parametrize("name", ["email", "password"])
@pytest.mark.parametrize("value", WRONG, ids=range(len(WRONG)))
def test_a_value_of_the_wrong_shape_is_refused_and_named(name: str, value: Any) -> None:
    body = {"email": "ana@example.com", "password": PASSWORD, name: value}
    answer = assert_error(ApiClient().post("/auth/login", body), 400, "invalid_input")
    assert list(answer["fields"]) == [name]
    assert not SignInFailure.objects.exists()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, ["email", "password"]),
        ({"email": "ana@example.com"}, ["password"]),
        ({"password": PASSWORD}, ["email"]),
        ({"email": "ana@example.com", "password": PASSWORD, "remember": True}, ["remember"]),
        ({"username": "ana@example.com", "password": PASSWORD}, ["email", "username"]),
        ({"email": "x" * 5000, "password": PASSWORD}, ["email"]),
        ({"email": "ana@example.com", "password": "x" * 5000}, ["password"]),
        ([], ["body"]),
        (None, ["body"]),
        ('"ana"', ["body"]),
        (5, ["body"]),
    ],
    ids=range(11),
)
def test_a_body_of_the_wrong_shape_is_refused(body: Any, named: list[str]) -> None:
    answer = assert_error(ApiClient().post("/auth/login", body), 400, "invalid_input")
    assert sorted(answer["fields"]) == named


def test_a_form_encoded_sign_in_works() -> None:
    factories.associate(email="ana@example.com", password="a&b=c %é+")
    form = b"email=ana%40example.com&password=a%26b%3Dc+%25%C3%A9%2B"
    response = ApiClient().post("/auth/login", form, content_type="application/x-www-form-urlencoded")
    assert response.status_code == 201


def test_a_bad_token_does_not_keep_anybody_from_signing_in() -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    assert sign_in("ana@example.com", headers={"Authorization": "Bearer x"}).status_code == 201


def test_sign_in_is_by_post_only() -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS"):
        assert_error(ApiClient().send(method, "/auth/login"), 405, "method_not_allowed")


def test_a_password_that_is_changed_during_the_check_does_not_sign_in() -> None:
    """Whoever knows the old password must not get a token that outlives it."""
    ana = factories.associate(email="ana@example.com", password=PASSWORD)
    changed: list[User] = []

    def change_it(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if "accounts_user" in sql and sql.startswith("SELECT") and not changed:
            changed.append(ana)
            other = User.objects.get(pk=ana.pk)
            other.set_password("something new")
            other.save()
        return result

    with connection.execute_wrapper(change_it):
        response = sign_in("ana@example.com")
    assert changed == [ana]
    assert_error(response, 401, "invalid_credentials")


# --- Limits


def fail(times: int, email: str = "ana@example.com", **environ: Any) -> None:
    for _ in range(times):
        assert sign_in(email, "wrong", **environ).status_code == 401


def pass_time(**by: float) -> None:
    """Make all failures so much older. The clock that counts is the database's, and it goes on by itself."""
    SignInFailure.objects.update(created_at=F("created_at") - timedelta(**by))


def test_too_many_failures_end_in_429_with_retry_after() -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    fail(10)
    pass_time(seconds=60)
    response = sign_in("ana@example.com")
    assert_error(response, 429, "too_many_attempts")
    assert 540 < int(response["Retry-After"]) <= 840
    assert_error(sign_in("ANA@example.com", "wrong"), 429, "too_many_attempts")
    pass_time(seconds=840)
    assert sign_in("ana@example.com").status_code == 201


def test_refused_attempts_do_not_prolong_the_wait() -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    fail(10)
    for _ in range(20):
        pass_time(seconds=25)
        assert sign_in("ana@example.com", "wrong").status_code == 429
    pass_time(seconds=400)
    assert sign_in("ana@example.com").status_code == 201


def test_an_unknown_account_is_limited_as_well() -> None:
    """A limit for known accounts alone would tell which accounts exist."""
    fail(10, "nobody@example.com")
    assert_error(sign_in("nobody@example.com"), 429, "too_many_attempts")


def test_another_address_and_another_account_are_not_locked_out() -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    factories.associate(email="rui@example.com", password=PASSWORD)
    fail(10, REMOTE_ADDR="192.0.2.1")
    assert sign_in("ana@example.com", REMOTE_ADDR="192.0.2.1").status_code == 429
    assert sign_in("ana@example.com", REMOTE_ADDR="192.0.2.2").status_code == 201
    assert sign_in("ana@example.com", REMOTE_ADDR="2001:db8::1").status_code == 201
    assert sign_in("rui@example.com", REMOTE_ADDR="192.0.2.1").status_code == 201


def test_successes_never_count() -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    fail(9)
    for _ in range(30):
        assert sign_in("ana@example.com").status_code == 201
    assert SignInFailure.objects.count() == 9
    fail(1)
    assert sign_in("ana@example.com").status_code == 429


def test_one_address_cannot_try_every_account_forever(settings: Any) -> None:
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 15
    factories.associate(email="ana@example.com", password=PASSWORD)
    for n in range(15):
        fail(1, f"guess-{n}@example.com")
    assert sign_in("ana@example.com").status_code == 429
    assert sign_in("ana@example.com", REMOTE_ADDR="192.0.2.2").status_code == 201


def test_old_failures_are_forgotten() -> None:
    fail(9)
    pass_time(minutes=16)
    fail(1)
    assert SignInFailure.objects.count() == 1


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "counted"),
    [
        ([], "192.0.2.9", "203.0.113.5", "192.0.2.9"),
        (["10.0.0.0/8"], "192.0.2.9", "203.0.113.5", "192.0.2.9"),
        (["10.0.0.0/8"], "10.1.2.3", "203.0.113.5", "203.0.113.5"),
        (["10.0.0.0/8"], "10.1.2.3", "198.51.100.1, 203.0.113.5", "203.0.113.5"),
        (["10.0.0.0/8"], "10.1.2.3", "198.51.100.1, 203.0.113.5, 10.9.9.9", "203.0.113.5"),
        (["10.0.0.0/8"], "::ffff:10.1.2.3", "203.0.113.5", "203.0.113.5"),
        (["10.0.0.0/8"], "10.1.2.3", "", "10.1.2.3"),
        (["10.0.0.0/8"], "10.1.2.3", "10.7.7.7", "10.1.2.3"),
        (["10.0.0.0/8"], "10.1.2.3", "2001:db8::7", "2001:db8::/64"),
    ],
    ids=range(9),
)
def test_forwarded_addresses_are_believed_from_trusted_proxies_only(
    settings: Any, trusted: list[str], peer: str, forwarded: str, counted: str
) -> None:
    settings.TRUSTED_PROXIES = [ip_network(network) for network in trusted]
    fail(1, REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert SignInFailure.objects.get().address == counted


@pytest.mark.parametrize("forwarded", ["x" * 500, "unknown", "203.0.113.5:4711", "[2001:db8::7]:80", "é", "1.2.3.4.5"])
def test_a_forwarded_address_that_is_none_is_no_server_error(settings: Any, forwarded: str) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    fail(1, REMOTE_ADDR="10.1.2.3", HTTP_X_FORWARDED_FOR=forwarded)
    assert SignInFailure.objects.get().address != ""


# --- Time


@pytest.mark.usefixtures("production_hashing")
@pytest.mark.one_database
@pytest.mark.parametrize("with_old_hashes", [False, True])
def test_unknown_inactive_and_known_emails_take_the_same_time(settings: Any, with_old_hashes: bool) -> None:
    """The hashes take nearly all of it; a sign-in without one would be many times faster."""
    settings.SIGN_IN_FAILURES_PER_ACCOUNT_AND_ADDRESS = settings.SIGN_IN_FAILURES_PER_ADDRESS = 1000
    factories.associate(email="ana@example.com", password=PASSWORD)
    factories.associate(email="inactive@example.com", password=PASSWORD, is_active=False)
    factories.associate(email="unset@example.com")
    emails = ["ana@example.com", "inactive@example.com", "unset@example.com", "nobody@example.com"]
    if with_old_hashes:
        old = Argon2PasswordHasher().encode(PASSWORD, "salt" * 6)
        User.objects.filter(pk=factories.associate(email="old@example.com").pk).update(password=old)
        emails += ["old@example.com", "none@example.com"]
    taken: dict[str, list[float]] = {email: [] for email in emails}
    for _ in range(2):
        for email, times in taken.items():
            began = time.process_time()  # the hash runs in threads of its own
            assert sign_in(email, "wrong").status_code == 401
            times.append(time.process_time() - began)
    best = {email: min(times) for email, times in taken.items()}
    assert max(best.values()) < 2 * min(best.values()), best


@pytest.mark.usefixtures("production_hashing")
def test_passwords_are_kept_with_argon2() -> None:
    user = factories.associate(password=PASSWORD)
    assert user.password.startswith("argon2$argon2id$")


@pytest.mark.usefixtures("production_hashing")
def test_an_old_hash_is_renewed_at_sign_in_and_the_token_works() -> None:
    user = factories.associate(email="ana@example.com")
    old = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
    User.objects.filter(pk=user.pk).update(password=old)
    token = sign_in("ana@example.com").json()["access_token"]
    user.refresh_from_db()
    assert user.password.startswith("argon2$")
    assert ApiClient(token=token).get("/auth/me").status_code == 200
