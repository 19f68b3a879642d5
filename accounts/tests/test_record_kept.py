"""The record stays as it is until it is trimmed, and settings that differ from the last start stand in it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from accounts.models import AuditEntry
from accounts.record import trimming
from accounts.record.settings import record_settings
from accounts.record.wording import details
from config import clock, env
from config.site import starting
from tests.support.databases.transactions import not_yet_committed, wait_until_somebody_waits
from tests.support.patience import PATIENCE, wait_until

pytestmark = pytest.mark.django_db


def old_entry(days: float, action: str = "signed_in", **fields: Any) -> AuditEntry:
    then = clock.now() - timedelta(days=days)
    return AuditEntry.objects.create(action=action, created_at=then, origin=f"{days:g}", **fields)


def left() -> list[str]:
    return list(AuditEntry.objects.order_by("pk").exclude(action="record_trimmed").values_list("origin", flat=True))


def trimmed() -> list[dict[str, Any]]:
    return list(AuditEntry.objects.filter(action="record_trimmed").order_by("pk").values_list("changes", flat=True))


def test_what_is_older_than_the_setting_goes_and_says_so(settings: Settings) -> None:
    settings.RECORD_KEEP_DAYS = 100
    for days in (300, 101, 99, 0):
        old_entry(days)
    assert trimming.trim() == 2
    assert left() == ["99", "0"]
    assert trimmed() == [{"kept_days": 100, "removed": 2}]
    assert trimming.trim() == 0
    assert len(trimmed()) == 1, "a night with nothing to do leaves no entry"


def test_many_go_in_steps(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RECORD_KEEP_DAYS = 100
    monkeypatch.setattr(trimming, "AT_ONCE", 2)
    for days in (105, 104, 103, 102, 101, 1):
        old_entry(days)
    assert trimming.trim() == 5
    assert left() == ["1"]
    assert [changes["removed"] for changes in trimmed()] == [2, 2, 1]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_trim_at_once_one_says_so(settings: Settings) -> None:
    settings.RECORD_KEEP_DAYS = 100
    for days in (300, 200, 1):
        old_entry(days)

    def trim() -> int:
        with closing(connection):
            return trimming.trim()

    with ThreadPoolExecutor(1) as pool:
        with not_yet_committed(trimming.trim):
            second = pool.submit(trim)
            wait_until_somebody_waits()
        assert second.result(PATIENCE) == 0
    assert left() == ["1"]
    assert [changes["removed"] for changes in trimmed()] == [2]


def test_the_newest_state_of_the_settings_stays_however_old_it_is(settings: Settings) -> None:
    settings.RECORD_KEEP_DAYS = 100
    for days in (300, 200):
        old_entry(days, "settings_changed", changes={"changed": {}, "state": {}})
    assert trimming.trim() == 1
    assert left() == ["200"]


def trimming_entry(changes: Any, age: timedelta = timedelta(0)) -> None:
    AuditEntry.objects.create(
        action="record_trimmed", created_at=clock.now() - age, changes=changes, origin="command line"
    )


def delete_by_sql() -> bool:
    """Whether plain SQL could delete the entries of signing in."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DELETE FROM accounts_auditentry WHERE action = 'signed_in'")
    except DatabaseError:
        return False
    return True


@pytest.mark.parametrize(
    ("changes", "age", "days", "goes"),
    [
        ({"kept_days": 100}, timedelta(0), 101, True),
        ({"kept_days": 100}, timedelta(0), 99, False),
        ({"kept_days": 30}, timedelta(0), 31, True),
        ({"kept_days": 29}, timedelta(0), 31, False),
        ({"kept_days": 0}, timedelta(0), 5000, False),
        ({"kept_days": -100}, timedelta(0), 5000, False),
        ({"kept_days": "1"}, timedelta(0), 5000, False),
        ({"kept_days": None}, timedelta(0), 5000, False),
        ({}, timedelta(0), 5000, False),
        ({"kept_days": 100}, timedelta(minutes=2), 101, False),
        ({"kept_days": 100}, timedelta(days=-5000), 101, False),
    ],
)
def test_plain_sql_deletes_only_what_an_entry_says_is_trimmed(
    changes: Any, age: timedelta, days: float, goes: bool
) -> None:
    old_entry(days)
    assert delete_by_sql() is False, "without any such entry"
    trimming_entry(changes, age)
    assert delete_by_sql() is goes


@pytest.mark.parametrize("action", ["record_trimmed", "signed_in", "settings_changed"])
def test_no_entry_is_ever_changed(action: str) -> None:
    old_entry(500, action, changes={"kept_days": 100})
    trimming_entry({"kept_days": 100})
    for column in ("origin = 'x'", "action = 'signed_out'", "changes = '{}'"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE accounts_auditentry SET {column} WHERE action = '{action}'")


# Settings.

BEFORE = {"PUBLIC_URL": "http://a.example", "CRON_SECRET": "first " * 8, "OPENAI_API_KEY": "", "DATABASE_URL": "x://y"}


def changed(values: dict[str, str]) -> Any:
    entry = record_settings(values)
    return entry and entry.changes["changed"]


def test_only_what_differs_is_told_and_of_secrets_no_more_than_that() -> None:
    assert changed(BEFORE) == {}
    assert changed(BEFORE) is None, "the same settings leave no entry"
    after = {"PUBLIC_URL": "https://a.example", "CRON_SECRET": "second " * 8, "OPENAI_API_KEY": "sk-1", "NEW": "5"}
    assert changed(BEFORE | after) == {
        "PUBLIC_URL": ["http://a.example", "https://a.example"],
        "CRON_SECRET": "changed",
        "OPENAI_API_KEY": "changed",
        "NEW": "changed",
    }
    assert changed({"PUBLIC_URL": "https://a.example"}) == {
        "CRON_SECRET": "changed",
        "DATABASE_URL": "changed",
        "NEW": "changed",
        "OPENAI_API_KEY": "changed",
    }
    assert AuditEntry.objects.filter(actor=None, origin="start", action="settings_changed").count() == 3


def test_no_secret_and_no_hash_that_could_be_guessed_is_kept(settings: Settings) -> None:
    values = {"CRON_SECRET": "123456", "FRONT_END_URL": "https://user:hidden@a.example"}
    record_settings(values)
    first = AuditEntry.objects.get().changes["state"]
    settings.SECRET_KEY = "another " * 8
    assert changed(values) == {"SECRET_KEY": "changed"}, "what cannot be compared is not called changed"
    second = AuditEntry.objects.order_by("-pk")[0].changes["state"]
    assert first["CRON_SECRET"] != second["CRON_SECRET"], "it takes the key to try values"
    kept = json.dumps([first, second])
    assert "123456" not in kept
    assert "hidden" not in kept
    assert changed({}) == {"CRON_SECRET": "changed", "FRONT_END_URL": ["https://***@a.example", ""]}


def test_the_entry_is_told_in_words() -> None:
    record_settings(BEFORE)
    record_settings(BEFORE | {"PUBLIC_URL": "", "CRON_SECRET": "x"})
    last, first = AuditEntry.objects.order_by("-pk")
    assert details(first) == "settings: first start that is recorded"
    assert details(last) == "CRON_SECRET: changed; PUBLIC_URL: http://a.example → —"


def test_every_setting_is_compared() -> None:
    """Left out is only what concerns no running desk, such as where it listens, which is read by whoever starts it."""
    example = (env.BASE_DIR / ".env.example").read_text().splitlines()
    named = {line.lstrip("# ").partition("=")[0] for line in example if line.lstrip("# ").partition("=")[1]}
    variables = {name for name in named if name.isupper() and " " not in name}
    assert {"JWT_SECRET", "RECORD_KEEP_DAYS", "EMAIL_URL", "CSV_STORAGE"} <= variables, "they are not found"
    others = {"BIND", "DATABASE_URL_TEST", "POSTGRES_PASSWORD"}
    only_on_postgresql = {"DATABASE_POOL"}
    assert variables - set(env.values_read()) <= others | only_on_postgresql


@pytest.mark.django_db(transaction=True)
def test_of_several_that_start_at_once_one_leaves_an_entry() -> None:
    def start(_number: int) -> None:
        try:
            record_settings(BEFORE)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(start, range(6)))
    assert AuditEntry.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_first_request_of_a_process_records_them() -> None:
    request_started.connect(starting.begin_recording_settings, dispatch_uid=starting.SETTINGS)
    for _ in range(3):
        request_started.send(sender=None, environ={})
    wait_until(AuditEntry.objects.filter(action="settings_changed").exists, "the settings are not recorded")
    assert AuditEntry.objects.count() == 1
    assert not request_started.disconnect(dispatch_uid=starting.SETTINGS)
