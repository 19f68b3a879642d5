"""What a bearer token holds, and all that ends it."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction

from accounts.models import User
from accounts.signing_in.tokens import issue_token
from tests.support import factories
from tests.support.client import ApiClient, assert_error

pytestmark = pytest.mark.django_db


def is_alive(token: str) -> bool:
    response = ApiClient(token=token).get("/auth/me")
    if response.status_code == 200:
        return True
    assert_error(response, 401, "unauthorized", "Unauthorized")
    return False


def encode(claims: dict[str, Any], key: str | None = None, algorithm: str = "HS256") -> str:
    return jwt.encode(claims, settings.JWT_SECRET if key is None else key, algorithm=algorithm)


def claims_of(user: User) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(issue_token(user), settings.JWT_SECRET, algorithms=["HS256"])
    return claims


def test_a_token_carries_id_role_times_and_opaque_ids_only() -> None:
    user = factories.manager(email="ana@example.com")
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False):
        token = issue_token(user)
        claims = jwt.decode(token, settings.JWT_SECRET, algorithms=["HS256"])
    assert set(claims) == {"sub", "role", "exp", "iat", "jti", "stamp"}
    assert (claims["sub"], claims["role"]) == (str(user.pk), "MANAGER")
    assert claims["iat"] == int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp())
    assert claims["exp"] - claims["iat"] == 24 * 3600
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    assert "ana" not in str(claims)


def test_a_token_lives_a_day() -> None:
    user = factories.associate()
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False) as clock:
        token = issue_token(user)
        clock.move_to("2026-06-02T11:59:59Z")
        assert is_alive(token)
        clock.move_to("2026-06-02T12:00:00Z")
        assert not is_alive(token)


def test_tokens_of_one_person_live_side_by_side() -> None:
    user = factories.associate()
    first, second = issue_token(user), issue_token(user)
    assert first != second
    assert is_alive(first)
    assert is_alive(second)


# --- What ends it, and by which way

type Way = Callable[[User, dict[str, Any]], None]


def by_save(user: User, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(user, name, value)
    user.save()


def by_save_of_these_fields(user: User, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(user, name, value)
    user.save(update_fields=list(values))


def by_update(user: User, values: dict[str, Any]) -> None:
    User.objects.filter(pk=user.pk).update(**values)


def by_bulk_update(user: User, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(user, name, value)
    User.objects.bulk_update([user], list(values))


def by_sql(user: User, values: dict[str, Any]) -> None:
    key = user.pk if connection.vendor == "postgresql" else user.pk.hex
    columns = ", ".join(f"{name} = %s" for name in values)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE accounts_user SET {columns} WHERE id = %s", [*values.values(), key])
        assert cursor.rowcount == 1


WAYS: list[Way] = [by_save, by_save_of_these_fields, by_update, by_bulk_update, by_sql]
CHANGES: dict[str, list[dict[str, Any]]] = {
    "deactivated": [{"is_active": False}],
    "promoted": [{"role": "MANAGER"}],
    "another password": [{"password": "md5$x$y"}],
    "role given back": [{"role": "MANAGER"}, {"role": "ASSOCIATE"}],
    "activated again": [{"is_active": False}, {"is_active": True}],
}


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES.keys())
def test_a_change_of_the_person_ends_their_tokens_within_the_same_second(
    way: Way, changes: list[dict[str, Any]]
) -> None:
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False):
        user, other = factories.associate(), factories.associate()
        token, others = issue_token(user), issue_token(other)
        assert is_alive(token)
        for values in changes:
            way(user, values)
            assert not is_alive(token)
        assert is_alive(others), "somebody else's token ended too"
        user.refresh_from_db()
        assert is_alive(issue_token(user)) is user.is_active


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_other_changes_leave_tokens_alive(way: Way) -> None:
    user = factories.associate()
    token = issue_token(user)
    way(user, {"is_staff": True})
    way(user, {"email": "new@example.com"})
    way(user, {"role": "ASSOCIATE", "is_active": True})
    assert is_alive(token)


def test_a_token_ended_by_a_change_stays_dead_when_an_older_copy_of_the_person_is_saved() -> None:
    user = factories.associate()
    token = issue_token(user)
    stale = User.objects.get(pk=user.pk)
    User.objects.filter(pk=user.pk).update(role="MANAGER")
    User.objects.filter(pk=user.pk).update(role="ASSOCIATE")
    stale.save()
    assert not is_alive(token)


def test_a_password_set_anew_to_the_same_ends_tokens() -> None:
    user = factories.associate(password="correct horse battery")
    token = issue_token(user)
    user.set_password("correct horse battery")
    user.save()
    assert not is_alive(token)


def test_a_change_that_is_rolled_back_ends_nothing() -> None:
    user = factories.associate()
    token = issue_token(user)
    with transaction.atomic():
        by_update(user, {"role": "MANAGER"})
        transaction.set_rollback(True)
    assert is_alive(token)


def test_the_role_that_counts_is_the_present_one() -> None:
    """A role written into the claims by somebody who has the secret gives nothing either."""
    user = factories.associate()
    draft = factories.ticket()
    forged = encode({**claims_of(user), "role": "MANAGER"})
    response = ApiClient(token=forged).patch(f"/tickets/{draft.pk}/review", {"action": "APPROVE"})
    assert_error(response, 403, "forbidden_role")


# --- What is no token


@pytest.mark.parametrize("name", ["sub", "exp", "jti", "stamp"])
def test_a_token_without_a_claim_is_refused(name: str) -> None:
    claims = claims_of(factories.associate())
    assert is_alive(encode(claims))
    del claims[name]
    assert not is_alive(encode(claims))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sub", "00000000-0000-4000-8000-000000000000"),
        ("sub", "me"),
        ("sub", ""),
        ("sub", "' OR 1=1 --"),
        ("sub", "a\x00b"),
        ("stamp", ""),
        ("stamp", None),
        ("stamp", ["x"]),
        ("stamp", "00000000000040008000000000000000"),
        ("exp", "soon"),
        ("exp", -1),
        ("exp", 10**30),
        ("exp", 1e300),
        ("exp", None),
        ("iat", "x"),
        ("iat", 4_000_000_000),
        ("nbf", 4_000_000_000),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(name: str, value: Any) -> None:
    """The signature is right: even whoever has the secret gets no server error."""
    assert not is_alive(encode({**claims_of(factories.associate()), name: value}))


@pytest.mark.parametrize("name", ["iat", "nbf"])
@pytest.mark.parametrize(("ahead", "taken"), [(1, True), (2, True), (30, True), (31, False), (3600, False)])
def test_a_token_of_a_machine_whose_clock_is_ahead_is_taken_for_30_seconds(name: str, ahead: int, taken: bool) -> None:
    user = factories.associate()
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False):
        now = int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp())
        assert is_alive(encode({**claims_of(user), name: now + ahead})) is taken


def test_an_end_has_no_leeway() -> None:
    user = factories.associate()
    with time_machine.travel("2026-06-01T12:00:00Z", tick=False):
        now = int(datetime(2026, 6, 1, 12, tzinfo=UTC).timestamp())
        assert is_alive(encode({**claims_of(user), "exp": now + 1}))
        assert not is_alive(encode({**claims_of(user), "exp": now}))
        assert not is_alive(encode({**claims_of(user), "exp": now - 29}))


def part(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def test_other_keys_and_algorithms_are_refused() -> None:
    claims = claims_of(factories.associate())
    unsigned = f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."
    assert not is_alive(unsigned)
    assert not is_alive(unsigned.replace(part({"alg": "none", "typ": "JWT"}), part({"alg": "None", "typ": "JWT"})))
    assert not is_alive(encode(claims, key="another secret that is long enough for HS256"))
    assert not is_alive(encode(claims, key="x" * 64, algorithm="HS512"))
    assert not is_alive(encode(claims, key=settings.JWT_SECRET + "x" * 32, algorithm="HS512"))
    header, payload, signature = encode(claims).split(".")
    assert not is_alive(f"{header}.{part({**claims, 'role': 'MANAGER'})}.{signature}")
    assert not is_alive(f"{header}.{payload}.")
    assert not is_alive(f"{header}.{payload}.{signature[:-4]}AAAA")


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Bearer",
        "Bearer ",
        "Bearer x",
        "Bearer x.y.z",
        "Bearer null",
        "Bearer ...",
        "Bearer a b c",
        "Bearer é",
        "Bearer \x00",
        "Bearer " + "a" * 5000,
        "Bearer eyJhbGciOiJIUzI1NiJ9.W10.x",
        "Basic YW5hOnB3",
        "Token {token}",
        "{token}",
        "Bearer {token}x",
        "Bearer{token}",
        "Bearer {token} {token}",
        "Bearer Bearer {token}",
        "JWT {token}",
    ],
    ids=range(20),
)
def test_other_headers_are_refused(value: str) -> None:
    token = issue_token(factories.associate())
    response = ApiClient().get("/auth/me", headers={"Authorization": value.format(token=token)})
    assert_error(response, 401, "unauthorized", "Unauthorized")
    assert response["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_without_case(scheme: str) -> None:
    token = issue_token(factories.associate())
    assert ApiClient().get("/auth/me", headers={"Authorization": f"{scheme} {token}"}).status_code == 200


def test_a_token_elsewhere_is_no_token() -> None:
    token = issue_token(factories.associate())
    for path in (f"/auth/me?access_token={token}", f"/auth/me?token={token}"):
        assert_error(ApiClient().get(path), 401, "unauthorized")
    assert_error(ApiClient().get("/auth/me", headers={"Cookie": f"access_token={token}"}), 401, "unauthorized")


def test_a_browser_session_is_no_token() -> None:
    client = ApiClient()
    client.client.force_login(factories.manager())
    assert_error(client.get("/auth/me"), 401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/auth/me"),
        ("GET", "/tickets"),
        ("POST", "/tickets"),
        ("GET", "/tickets/x"),
        ("PATCH", "/tickets/x"),
        ("PATCH", "/tickets/x/review"),
        ("DELETE", "/tickets/x"),
        ("POST", "/tickets/x/restore"),
        ("GET", "/tickets/x/history"),
        ("GET", "/events"),
        ("GET", "/csv/export/pending"),
        ("POST", "/csv/auto-process"),
        ("POST", "/csv/import"),
        ("POST", "/automation/run-now"),
        ("POST", "/ai/severity-suggestion"),
    ],
)
def test_every_endpoint_asks_for_a_token_before_anything_else(method: str, path: str) -> None:
    for client in (ApiClient(), ApiClient(token="x")):
        assert_error(client.send(method, path, "{not json"), 401, "unauthorized", "Unauthorized")
