"""Attempts to sign in that are under way count, in whichever process of the server."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from accounts.models import KnownAddress, SignInFailure, SignInPlace
from accounts.signing_in import throttling
from config.errors import Busy
from config.serve.command import WORKERS
from tests.support import factories
from tests.support.client import assert_error, post_json, sign_in
from tests.support.factories import PASSWORD
from tests.support.server import running_server, server_environment


def age(model: Any, **by: float) -> None:
    """Make all rows of this model that much older."""
    model.objects.update(created_at=F("created_at") - timedelta(**by))


def test_of_48_wrong_passwords_at_once_ten_are_tried(database_url: str) -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    connection.close()
    with (
        running_server(server_environment(database_url), workers=WORKERS) as address,
        ThreadPoolExecutor(48) as threads,
    ):
        wrong = {"email": "ana@example.com", "password": "wrong"}
        answers = Counter(threads.map(lambda _: post_json(f"{address}/auth/login", wrong), range(48)))
    # Who waited for those under way in vain is told to come again, and was not tried either.
    assert answers[401] == 10, answers
    assert set(answers) <= {401, 429, 503}
    assert SignInFailure.objects.count() == 10
    assert SignInPlace.objects.count() == 0


@pytest.mark.django_db
def test_one_customer_of_ipv6_is_one_address() -> None:
    """Who has 2^64 addresses has no more attempts than others."""
    factories.associate(email="ana@example.com", password=PASSWORD)
    for number in range(10):
        assert sign_in("ana@example.com", "wrong", REMOTE_ADDR=f"2001:db8:0:1:{number}::1").status_code == 401
    assert_error(sign_in("ana@example.com", REMOTE_ADDR="2001:db8:0:1:ffff::1"), 429, "too_many_attempts")
    assert sign_in("ana@example.com", REMOTE_ADDR="2001:db8:0:2::1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_many_right_passwords_at_once_all_sign_in() -> None:
    """They wait for each other, and none is refused."""
    factories.associate(email="ana@example.com", password=PASSWORD)
    for _ in range(9):
        assert sign_in("ana@example.com", "wrong").status_code == 401

    def right(_: int) -> int:
        try:
            return int(sign_in("ana@example.com").status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as threads:
        assert Counter(threads.map(right, range(8))) == {201: 8}
    assert SignInFailure.objects.count() == 9


@pytest.mark.django_db
def test_a_place_that_nobody_gives_back_is_waited_for_and_then_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "WAIT_SECONDS", 0.01)
    taken = [throttling.take_place("ana@example.com", "192.0.2.1") for _ in range(10)]
    with pytest.raises(Busy):
        throttling.take_place("ana@example.com", "192.0.2.1")
    throttling.give_back(taken[0])
    throttling.take_place("ana@example.com", "192.0.2.1")
    age(SignInPlace, seconds=61)
    throttling.fail(throttling.take_place("ana@example.com", "192.0.2.1"))
    assert SignInPlace.objects.count() == 0, "what dead processes have left is taken away"


@pytest.mark.django_db
def test_an_address_that_people_sign_in_from_is_not_locked_out_by_one_who_mistypes(settings: Any) -> None:
    settings.SIGN_IN_FAILURES_PER_ADDRESS, settings.SIGN_IN_FAILURES_PER_KNOWN_ADDRESS = 15, 25
    factories.associate(email="ana@example.com", password=PASSWORD)
    assert sign_in("ana@example.com").status_code == 201
    for number in range(25):
        assert sign_in(f"{number}@example.com", "wrong").status_code == 401
    assert_error(sign_in("ana@example.com"), 429, "too_many_attempts")
    assert_error(sign_in("x@example.com", REMOTE_ADDR="192.0.2.9"), 401, "invalid_credentials")


@pytest.mark.django_db
def test_ten_failures_for_one_account_stay_the_limit_at_a_known_address() -> None:
    factories.associate(email="ana@example.com", password=PASSWORD)
    assert sign_in("ana@example.com").status_code == 201
    for _ in range(10):
        assert sign_in("ana@example.com", "wrong").status_code == 401
    assert_error(sign_in("ana@example.com"), 429, "too_many_attempts")


@pytest.mark.django_db
def test_an_address_is_known_for_30_days(settings: Any) -> None:
    settings.SIGN_IN_FAILURES_PER_ADDRESS = 3
    factories.associate(email="ana@example.com", password=PASSWORD)
    assert sign_in("ana@example.com").status_code == 201
    KnownAddress.objects.update(succeeded_at=F("succeeded_at") - timedelta(days=31))
    for number in range(3):
        assert sign_in(f"{number}@example.com", "wrong").status_code == 401
    assert_error(sign_in("ana@example.com"), 429, "too_many_attempts")


def test_the_limits_are_those_that_are_promised() -> None:
    import config.settings as ours

    assert ours.SIGN_IN_FAILURE_WINDOW_SECONDS == 900
    assert ours.SIGN_IN_FAILURES_PER_ACCOUNT_AND_ADDRESS == 10
    assert ours.SIGN_IN_FAILURES_PER_ADDRESS == 100
    assert ours.SIGN_IN_FAILURES_PER_KNOWN_ADDRESS == 1000
    assert (ours.LINKS_PER_EMAIL, ours.LINKS_PER_ADDRESS) == (3, 100)
