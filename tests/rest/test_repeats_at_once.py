"""The same request several times at once: it is done once, and all are told the same or that they came too soon."""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.idempotency import keys
from accounts.models import IdempotencyKey, User
from config.server.processes import this_process
from csvsync.models import Run
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import imported_entries, multipart
from tests.support.keyed import TICKET, let_pass, raise_ticket, told, with_key
from tests.support.patience import PATIENCE, wait_until
from tickets.models import HistoryEntry, Ticket

pytestmark = pytest.mark.django_db(transaction=True)

FINGERPRINT = hashlib.sha256(json.dumps(TICKET).encode()).hexdigest()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(16) as executor:
        yield executor


@pytest.fixture
def _nobody_loses_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "SHORT_PATIENCE_SECONDS", PATIENCE)
    monkeypatch.setattr(keys, "PATIENCE_SECONDS", PATIENCE)


def sent_by(pool: ThreadPoolExecutor, send: Callable[[], Any], barrier: threading.Barrier | None = None) -> Future[Any]:
    def in_thread() -> Any:
        try:
            if barrier:
                barrier.wait(PATIENCE)
            return send()
        finally:
            connection.close()

    return pool.submit(in_thread)


def claimed(user: User) -> keys.Claim:
    """Somebody is raising TICKET under the key `k`."""
    held = keys.claim(keys.KeyName("POST /tickets", "k", user.pk), FINGERPRINT)
    assert isinstance(held, keys.Claim)
    return held


def claimed_by(user: User, **process: Any) -> None:
    claimed(user)
    IdempotencyKey.objects.update(process=list(this_process()._replace(**process)))


@pytest.mark.usefixtures("_nobody_loses_patience")
def test_sixteen_equal_requests_make_one_ticket(pool: ThreadPoolExecutor) -> None:
    client, barrier = ApiClient(factories.associate()), threading.Barrier(16)
    sent = [sent_by(pool, lambda: raise_ticket(client, "k"), barrier) for _ in range(16)]
    answers = {told(each.result()) for each in sent}
    assert len(answers) == 1
    assert answers.pop()[0] == 201
    assert (Ticket.objects.count(), HistoryEntry.objects.count()) == (1, 1)
    assert raise_ticket(client, "another").json()["sequence"] == 2


@pytest.mark.usefixtures("_nobody_loses_patience")
def test_two_equal_imports_are_one_run(pool: ThreadPoolExecutor) -> None:
    tickets = [factories.ticket("PENDING") for _ in range(5)]
    content = "id,status\n" + "".join(f"{ticket.pk},CLOSED\n" for ticket in tickets)
    body, content_type = multipart(content.encode())
    client, barrier = ApiClient(factories.manager()), threading.Barrier(2)

    def send() -> Any:
        return client.post("/csv/import", body, content_type=content_type, headers=with_key("k"))

    first, second = [sent_by(pool, send, barrier) for _ in range(2)]
    assert told(first.result()) == told(second.result())
    assert first.result().json()["updatedCount"] == 5
    assert Run.objects.count() == 1
    assert [len(imported_entries(ticket)) for ticket in tickets] == [1] * 5


@pytest.mark.usefixtures("_nobody_loses_patience")
def test_the_second_waits_for_the_answer_of_the_first_and_holds_nobody_up(pool: ThreadPoolExecutor) -> None:
    user = factories.associate()
    first = claimed(user)
    second = sent_by(pool, lambda: raise_ticket(ApiClient(user), "k"))
    assert raise_ticket(ApiClient(factories.associate()), "k").status_code == 201
    assert raise_ticket(ApiClient(user), "another").status_code == 201
    time.sleep(0.1)
    assert not second.done()
    with transaction.atomic():
        first.settle(201, {"ETag": '"7"'}, '{"the answer":"of the first"}')
    answer = second.result(PATIENCE)
    assert (answer.status_code, answer["ETag"], answer.content) == (201, '"7"', b'{"the answer":"of the first"}')
    assert Ticket.objects.count() == 2


@pytest.mark.usefixtures("_nobody_loses_patience")
def test_the_second_does_it_where_the_first_fails(pool: ThreadPoolExecutor) -> None:
    user = factories.associate()
    first = claimed(user)
    second = sent_by(pool, lambda: raise_ticket(ApiClient(user), "k"))
    with pytest.raises(RuntimeError, match="refused"), first.held():
        raise RuntimeError("refused")
    assert second.result(PATIENCE).status_code == 201
    assert Ticket.objects.count() == 1


def test_a_key_is_freed_also_where_the_connection_was_lost() -> None:
    user = factories.associate()
    first = claimed(user)
    with pytest.raises(RuntimeError, match="lost"), first.held():
        connection.connection.close()
        raise RuntimeError("lost")
    assert raise_ticket(ApiClient(user), "k").status_code == 201


def test_who_has_waited_in_vain_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert keys.PATIENCE_SECONDS == 10
    monkeypatch.setattr(keys, "PATIENCE_SECONDS", 0.2)
    user = factories.associate()
    claimed(user)
    began = time.monotonic()
    answer = raise_ticket(ApiClient(user), "k")
    assert time.monotonic() - began >= 0.2
    assert_error(answer, 409, "key_in_use")
    assert int(answer["Retry-After"]) >= 1
    assert Ticket.objects.count() == 0


def test_few_wait_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others are told sooner, or those who wait would hold all threads."""
    monkeypatch.setattr(keys, "PATIENCE_SECONDS", 10 * PATIENCE)
    monkeypatch.setattr(keys, "SHORT_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(keys, "PATIENT_WAITERS", threading.BoundedSemaphore(1))
    user = factories.associate()
    claimed(user)
    with keys.PATIENT_WAITERS:
        assert_error(raise_ticket(ApiClient(user), "k"), 409, "key_in_use")


def test_who_waits_holds_neither_a_transaction_nor_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """Behind a pooler, and in the pool of a process, others need it."""
    monkeypatch.setattr(keys, "PATIENCE_SECONDS", 0.1)
    user, held = factories.associate(), []

    def sleep(seconds: float) -> None:
        held.append((connection.in_atomic_block, connection.connection))
        threading.Event().wait(seconds)

    claimed(user)
    monkeypatch.setattr(time, "sleep", sleep)
    assert_error(raise_ticket(ApiClient(user), "k"), 409, "key_in_use")
    assert set(held) == {(False, None)}


def test_another_body_is_refused_at_once_while_the_first_is_under_way() -> None:
    user = factories.associate()
    claimed(user)
    assert_error(raise_ticket(ApiClient(user), "k", title="Another"), 422, "key_reused")


@pytest.mark.parametrize(
    ("process", "silent", "given_up"),
    [
        ({}, timedelta(0), False),
        ({}, timedelta(seconds=110), False),
        ({}, timedelta(minutes=2), True),
        ({"pid": 4_000_000}, timedelta(0), True),
        ({"started": 1}, timedelta(0), True),
        ({"host": "elsewhere", "pid": 4_000_000}, timedelta(seconds=110), False),
        ({"host": "elsewhere"}, timedelta(minutes=2), True),
    ],
    ids=range(7),
)
def test_a_claim_is_given_up_where_its_process_is_gone_or_silent(
    process: dict[str, Any], silent: timedelta, given_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keys, "PATIENCE_SECONDS", 0.0)
    user = factories.associate()
    claimed_by(user, **process)
    let_pass(silent)
    assert raise_ticket(ApiClient(user), "k").status_code == (201 if given_up else 409)
    assert Ticket.objects.count() == given_up


def test_a_claim_shows_signs_of_life(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "HEARTBEAT_SECONDS", 0.02)
    held = claimed(factories.associate())
    before = IdempotencyKey.objects.get().expires_at
    with held.held():
        wait_until(lambda: IdempotencyKey.objects.get().expires_at != before)
