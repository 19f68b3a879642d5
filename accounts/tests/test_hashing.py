"""Hashing takes little, waits its turn, and ends nothing when it only renews a hash."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher, PBKDF2PasswordHasher
from django.db import connection
from django.test import Client
from django.utils.crypto import salted_hmac

from accounts.models import SignInFailure, User
from accounts.signing_in import hashing
from accounts.signing_in.tokens import issue_token
from config.serve.command import WORKERS
from tests.support.client import ApiClient, assert_error, post_json
from tests.support.factories import PASSWORD, associate
from tests.support.patience import PATIENCE
from tests.support.processes import children_of
from tests.support.server import running_server, server_environment

OLD_HASHES = {
    "pbkdf2": lambda: PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000),
    "argon2 as Django has it": lambda: Argon2PasswordHasher().encode(PASSWORD, "salt" * 6),
}


@pytest.fixture
def old(request: pytest.FixtureRequest, production_hashing: None) -> User:
    user = associate(email="ana@example.com")
    User.objects.filter(pk=user.pk).update(password=OLD_HASHES[request.param]())
    user.refresh_from_db()
    return user


def sign_in(password: str = PASSWORD) -> Any:
    return ApiClient().post("/auth/login", {"email": "ana@example.com", "password": password})


@pytest.mark.django_db
@pytest.mark.usefixtures("production_hashing")
def test_new_hashes_have_the_least_parameters_that_owasp_recommends() -> None:
    user = associate(password=PASSWORD)
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")


@pytest.mark.django_db
@pytest.mark.parametrize("old", OLD_HASHES, indirect=True)
@pytest.mark.parametrize("way", ["token", "page", "check_password"])
def test_a_renewed_hash_ends_no_token_and_no_session(old: User, way: str) -> None:
    token, browser = issue_token(old), Client()
    browser.force_login(old)
    if way == "token":
        assert sign_in().status_code == 201
    elif way == "page":
        assert Client().post("/desk/login/", {"email": old.email, "password": PASSWORD}).status_code == 302
    else:
        assert old.check_password(PASSWORD)
    old.refresh_from_db()
    assert old.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert ApiClient(token=token).get("/auth/me").status_code == 200
    assert browser.get("/desk/").status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("old", OLD_HASHES, indirect=True)
def test_a_password_that_somebody_else_has_set_meanwhile_is_not_undone_by_a_renewal(old: User) -> None:
    token = issue_token(old)
    User.objects.filter(pk=old.pk).update(password="md5$salt$of another password")
    assert old.check_password(PASSWORD), "it is judged by what was loaded"
    old.refresh_from_db()
    assert old.password == "md5$salt$of another password"
    assert ApiClient(token=token).get("/auth/me").status_code == 401


@pytest.mark.django_db
def test_sessions_of_before_hashes_were_left_out_of_them_go_on() -> None:
    user, browser = associate(password=PASSWORD), Client()
    browser.force_login(user)
    session = browser.session
    value = f"{user.password}{user.security_stamp.hex}"
    session["_auth_user_hash"] = salted_hmac("accounts.User.session", value, algorithm="sha256").hexdigest()
    session.save()
    assert browser.get("/desk/").status_code == 200
    User.objects.filter(pk=user.pk).update(role="MANAGER")
    assert browser.get("/desk/").status_code == 302


@contextmanager
def all_places_taken() -> Iterator[None]:
    begun, over = threading.Barrier(settings.HASHES_AT_ONCE + 1), threading.Event()

    def occupy() -> None:
        begun.wait(PATIENCE)
        over.wait()

    with ThreadPoolExecutor() as threads:
        for _ in range(settings.HASHES_AT_ONCE):
            threads.submit(hashing.in_turn, occupy)
        begun.wait(PATIENCE)
        try:
            yield
        finally:
            over.set()


@pytest.mark.django_db
@pytest.mark.usefixtures("production_hashing")
def test_who_finds_no_place_in_time_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    associate(email="ana@example.com")
    with all_places_taken(), monkeypatch.context() as impatient:
        impatient.setattr(hashing, "WAIT_SECONDS", 0.01)
        answer = sign_in()
        page = Client().post("/desk/login/", {"email": "ana@example.com", "password": PASSWORD})
    assert_error(answer, 503, "busy")
    assert answer["Retry-After"] == "5"
    assert (page.status_code, page["Retry-After"]) == (503, "5")
    assert "try again in a moment" in page.content.decode()
    assert sign_in().status_code == 401
    assert SignInFailure.objects.count() == 1, "what was not tried is no failure"


def test_no_more_hashes_are_made_at_once_than_there_are_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once, most, guard = 0, 0, threading.Lock()
    really = Argon2PasswordHasher.encode

    def counted(hasher: Any, password: str, salt: str) -> str:
        nonlocal at_once, most
        with guard:
            at_once += 1
            most = max(most, at_once)
        try:
            return really(hasher, password, salt)
        finally:
            with guard:
                at_once -= 1

    monkeypatch.setattr(Argon2PasswordHasher, "encode", counted)
    monkeypatch.setattr(hashing, "WAIT_SECONDS", PATIENCE)  # nobody gives up here, however slow the machine is
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(lambda n: hashing.Argon2().encode(f"password {n}", "salt" * 6), range(24)))
    cores = os.cpu_count() or 1
    assert most <= max(1, cores // WORKERS)


def peak_memory(pid: int) -> int:
    """The most that a process has ever had, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0


def family(pid: int) -> list[int]:
    return [member for child in children_of(pid) for member in (child, *family(child))]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
@pytest.mark.one_database
def test_many_strangers_at_once_take_little_memory(database_url: str) -> None:
    """32 sign-ins by unknown people took 1.4 GB once."""
    connection.close()
    with running_server(server_environment(database_url), workers=WORKERS) as address:

        def stranger(number: int) -> int:
            return post_json(f"{address}/auth/login", {"email": f"{number}@example.com", "password": "wrong"})

        with ThreadPoolExecutor(2) as threads:
            list(threads.map(stranger, range(100, 116)))  # so that each worker has loaded all that it ever needs
        pids = family(os.getpid())
        before = {pid: peak_memory(pid) for pid in pids}
        with ThreadPoolExecutor(32) as threads:
            statuses = list(threads.map(stranger, range(32)))
        grown = sum(max(0, peak_memory(pid) - before[pid]) for pid in pids)
    assert set(statuses) <= {401, 503}
    assert statuses.count(401) > 0
    assert grown < 150, f"{grown} MB"
