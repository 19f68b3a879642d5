"""The stand-in for the external system."""

from __future__ import annotations

import io
import random
import uuid
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from csvsync.external.simulation import Simulation
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import multipart, status_of, upload


def process(content: str | bytes) -> tuple[str, dict[str, int]]:
    simulation = Simulation(io.BytesIO(content.encode() if isinstance(content, str) else content))
    return b"".join(simulation).decode(), simulation.distribution


def ids(count: int) -> list[str]:
    rng = random.Random(f"{count} tickets")
    return [str(uuid.UUID(int=rng.getrandbits(128), version=4)) for _ in range(count)]


def statuses(answer: str) -> dict[str, str]:
    return dict(line.split(",")[:2] for line in answer.splitlines()[1:])


@pytest.mark.parametrize(
    ("count", "pending", "opened", "closed"),
    [(1, 0, 0, 1), (2, 0, 0, 2), (3, 1, 1, 1), (4, 1, 1, 2), (5, 1, 1, 3), (6, 2, 2, 2), (100, 33, 33, 34)],
)
def test_the_thirds(count: int, pending: int, opened: int, closed: int) -> None:
    answer, distribution = process("id,status\n" + "".join(f"{key},PENDING\n" for key in ids(count)))
    assert Counter(statuses(answer).values()) == Counter({"PENDING": pending, "OPEN": opened, "CLOSED": closed})
    assert distribution == {"PENDING": pending, "OPEN": opened, "CLOSED": closed}


def test_tickets_are_ranked_by_the_hash_of_their_key() -> None:
    keys = ids(100)
    answer, _ = process("id,status\n" + "".join(f"{key},PENDING\n" for key in keys))
    ranked = sorted(keys, key=lambda key: sha256(key.encode()).hexdigest())
    expected = dict.fromkeys(ranked[:33], "PENDING")
    expected |= dict.fromkeys(ranked[33:66], "OPEN") | dict.fromkeys(ranked[66:], "CLOSED")
    assert statuses(answer) == expected


def test_the_order_of_rows_does_not_matter() -> None:
    keys = ids(100)
    first, _ = process("id,status\n" + "".join(f"{key},PENDING\n" for key in keys))
    second, _ = process("id,status\n" + "".join(f"{key.upper()},closed\n" for key in reversed(keys)))
    assert statuses(first) == {key.lower(): status for key, status in statuses(second).items()}
    assert [line.split(",")[0] for line in second.splitlines()[1:]] == [key.upper() for key in reversed(keys)]


def test_processing_the_answer_again_changes_nothing() -> None:
    first, _ = process("id,status\n" + "".join(f"{key},PENDING\n" for key in ids(100)))
    assert process(first)[0] == first


def test_in_a_set_that_changes_a_little_most_tickets_keep_their_place() -> None:
    keys = ids(100)
    before = statuses(process("id,status\n" + "".join(f"{key},PENDING\n" for key in keys))[0])
    after = statuses(process("id,status\n" + "".join(f"{key},PENDING\n" for key in keys[3:]))[0])
    assert sum(before[key] != status for key, status in after.items()) <= 3


def test_rows_of_one_ticket_fare_alike_and_count_once() -> None:
    keys = ids(3)
    answer, distribution = process("id,status\n" + "".join(f"{key},\n {key.upper()} ,\n" for key in keys))
    rows = [line.split(",") for line in answer.splitlines()[1:]]
    assert [row[1] for row in rows[::2]] == [row[1] for row in rows[1::2]]
    assert distribution == {"PENDING": 2, "OPEN": 2, "CLOSED": 2}


def test_the_number_stands_in_where_the_id_is_blank() -> None:
    numbers = [f"TKT-2026-{n:06d}" for n in range(1, 10)]
    ranked = sorted(numbers, key=lambda number: sha256(number.encode()).hexdigest())
    expected = dict(zip(ranked, ["PENDING"] * 3 + ["OPEN"] * 3 + ["CLOSED"] * 3, strict=True))
    answer, _ = process("ticket_number,status\n" + "".join(f"{number},x\n" for number in numbers))
    assert statuses(answer) == expected
    answer, _ = process("id,status,ticket_number\n" + "".join(f" ,x, {number.lower()}\n" for number in numbers))
    assert [line.split(",")[1] for line in answer.splitlines()[1:]] == [expected[number] for number in numbers]


def test_all_but_the_status_is_kept() -> None:
    [key] = ids(1)
    content = (
        f'Title;STATUS ;x;x; Id\r\n"a; ""b""\r\nc, d";open;1;;{key.upper()}\r\n\r\n'
        f'no key;open;1;2;\r\ntoo few;open\r\n\r\ntoo many;open;1;2;{key};3\r\n \r\n""\r\n{"é€"};;\u00a0;; {key} \r\n'
    )
    answer, distribution = process(content.encode())
    assert answer == (
        f'Title,STATUS ,x,x, Id\n"a; ""b""\r\nc, d",CLOSED,1,,{key.upper()}\n'
        f'no key,open,1,2,\ntoo few,open\ntoo many,open,1,2,{key},3\n""\né€,CLOSED,\u00a0,, {key} \n'
    )
    assert distribution == {"PENDING": 0, "OPEN": 0, "CLOSED": 2}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_encoding_becomes_utf_8_without_bom(encoding: str) -> None:
    assert process("id\tstatus\tt\nx\tOPEN\té€\n".encode(encoding))[0] == "id,status,t\nx,CLOSED,é€\n"


def test_rows_without_a_key_do_not_count() -> None:
    answer, distribution = process("id,status\n,DONE\n ,\n")
    assert answer == "id,status\n,DONE\n"
    assert distribution == {"PENDING": 0, "OPEN": 0, "CLOSED": 0}


@pytest.mark.django_db
def test_the_answer_is_an_attachment_and_changes_no_ticket() -> None:
    ticket = factories.ticket("PENDING")
    manager = factories.manager()
    with time_machine.travel(datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC), tick=False):
        response = upload(ApiClient(manager), "/csv/auto-process", f"id,status\n{ticket.pk},PENDING\n".encode())
    assert response.status_code == 201
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="processed_2026-02-03-04-05-06.csv"'
    assert response.getvalue().decode() == f"id,status\n{ticket.pk},CLOSED\n"
    assert status_of(ticket) == "PENDING"


@pytest.mark.django_db
def test_only_managers_process() -> None:
    content = b"id,status\nx,OPEN\n"
    assert_error(upload(ApiClient(), "/csv/auto-process", content), 401, "unauthorized", "Unauthorized")
    associate = ApiClient(factories.associate())
    assert_error(upload(associate, "/csv/auto-process", content), 403, "forbidden_role", "Forbidden resource")
    assert_error(upload(associate, "/csv/auto-process", b"junk"), 403, "forbidden_role", "Forbidden resource")


@pytest.mark.django_db
def test_the_database_is_asked_only_who_is_there() -> None:
    client = ApiClient(factories.manager())
    with CaptureQueriesContext(connection) as queries:
        upload(client, "/csv/auto-process", b"id,status\nx,OPEN\n").getvalue()
    # PostgreSQL is asked for the time as well, by which its answer is named.
    assert len(queries) == {"sqlite": 1, "postgresql": 2}[connection.vendor]


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/csv/auto-process", "/csv/import"])
def test_a_file_larger_than_the_upload_buffer_is_taken(path: str) -> None:
    content = b"id,status,x\n" + b"".join(b"x%d,DONE,%s\n" % (n, b"y" * 300) for n in range(10_000))
    body, content_type = multipart(content)
    response = ApiClient(factories.manager()).post(path, body, content_type=content_type)
    assert response.status_code == 201
    if path == "/csv/import":
        assert response.json()["errorsCount"] == 10_000
    else:
        assert response.getvalue().count(b"\n") == 10_001
