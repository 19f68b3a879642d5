"""The external system behind HTTP: what it is sent, and that nothing about it is trusted."""

from __future__ import annotations

import ssl
import subprocess
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
import responses
from django.test import override_settings
from responses.registries import OrderedRegistry

from csvsync.errors import ProcessorFailed
from csvsync.exchange.cycle import run_cycle
from csvsync.external import remote
from csvsync.models import RowError, Run, Unreturned
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.csv_files import csv_file, imported_entries, status_of
from tests.support.fakes import external_system as external
from tests.support.fakes.external_system import Behaviour, ExternalSystem, external_system
from tests.support.patience import PATIENCE, own_seconds
from tickets.models import Ticket

ADDRESS = "https://external.example.com/decide"
SECRET = "between the two of us"
ANSWER = b"id,status\nx,OPEN\n"


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FIRST_PAUSE", 0.01)


def ask(url: str, *, secret: str = "", deadline: float = PATIENCE, max_size: int = 1_000_000) -> bytes:
    processor = remote.RemoteProcessor(url, secret, deadline, max_size)
    with processor.process(csv_file("1,,PENDING"), uuid.UUID(int=1)) as answer:
        answer.seek(0)
        return answer.read()


# --- What it is sent -------------------------------------------------------------------------------------------------


def test_it_is_sent_the_export_with_the_secret_and_the_run() -> None:
    with external_system(external.answers(ANSWER)) as system:
        assert ask(system.url, secret=SECRET) == ANSWER
        assert ask(system.url) == ANSWER
    first, second = system.received
    assert first.path == "/decide"
    assert first.body == b"id,ticket_number,status\n1,,PENDING\n"
    assert first.headers["content-type"] == "text/csv; charset=utf-8"
    assert first.headers["authorization"] == f"Bearer {SECRET}"
    assert first.headers["idempotency-key"] == str(uuid.UUID(int=1))
    assert first.headers["accept-encoding"] == "identity"
    assert "authorization" not in second.headers


def test_the_secret_of_the_setting_wins_over_a_netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine localhost login root password other\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with external_system(external.answers(ANSWER)) as system:
        ask(system.url, secret=SECRET)
        ask(system.url)
    assert [received.headers.get("authorization") for received in system.received] == [f"Bearer {SECRET}", None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed_so_the_secret_goes_nowhere_else(status: int) -> None:
    with external_system(external.answers(ANSWER)) as elsewhere:
        redirects = external.answers(b"", status, Location=elsewhere.url)
        with external_system(redirects) as system, pytest.raises(ProcessorFailed, match="final address"):
            ask(system.url, secret=SECRET)
    assert len(system.received) == 1
    assert elsewhere.received == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of localhost with its key, signed by itself."""
    file = tmp_path_factory.mktemp("tls") / "localhost.pem"
    words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    more = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(file), "-out", f"{file}.crt"]
    subprocess.run([*words, *more], check=True, capture_output=True)
    file.write_text(file.read_text() + Path(f"{file}.crt").read_text())
    return file


@pytest.fixture
def encrypted(certificate: Path) -> Iterator[ExternalSystem]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with external_system(external.answers(ANSWER), tls=context) as system:
        yield system


@pytest.mark.openssl
def test_a_certificate_that_is_not_trusted_is_refused_before_anything_is_said(encrypted: ExternalSystem) -> None:
    with pytest.raises(ProcessorFailed, match="certificate is not trusted"):
        ask(encrypted.url, secret=SECRET)
    assert encrypted.received == []


@pytest.mark.openssl
def test_an_authority_of_ones_own_can_be_trusted(
    encrypted: ExternalSystem, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert ask(encrypted.url) == ANSWER
    with pytest.raises(ProcessorFailed, match="certificate is not trusted"):
        ask(encrypted.url.replace("localhost", "127.0.0.1"))


# --- What is tried again ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        external.hangs_up,
        external.breaks_off,
        external.breaks_off_a_chunk,
        *(external.answers(b"", status) for status in (429, 502, 503, 504)),
    ],
    ids=range(7),
)
def test_a_fault_that_may_pass_is_tried_again_with_the_same_file_and_key(fault: Behaviour) -> None:
    with external_system(fault, fault, fault, external.answers(ANSWER)) as system:
        assert ask(system.url) == ANSWER
    assert len(system.received) == 4
    assert len({(received.body, received.headers["idempotency-key"]) for received in system.received}) == 1
    with external_system(fault) as system, pytest.raises(ProcessorFailed):
        ask(system.url)
    assert len(system.received) == 4


STATUSES = {
    200: 1,
    201: 1,
    **dict.fromkeys([204, 206, 300, 304, 400, 401, 403, 404, 409, 413, 418, 422, 500, 501, 505], -1),
    **dict.fromkeys([429, 502, 503, 504], 2),
}


@pytest.mark.parametrize(("status", "attempts"), STATUSES.items())
@responses.activate(registry=OrderedRegistry)
def test_each_status_is_taken_refused_or_tried_again(status: int, attempts: int) -> None:
    responses.post(ADDRESS, body=ANSWER, status=status)
    responses.post(ADDRESS, body=ANSWER)
    if attempts < 0:
        with pytest.raises(ProcessorFailed, match=f"status {status}"):
            ask(ADDRESS)
    else:
        assert ask(ADDRESS) == ANSWER
    assert len(responses.calls) == abs(attempts)


@pytest.mark.parametrize("fault", [requests.ConnectTimeout("slow"), requests.ConnectionError("refused")])
@responses.activate(registry=OrderedRegistry)
def test_a_connection_that_fails_is_tried_again(fault: Exception) -> None:
    responses.post(ADDRESS, body=fault)
    responses.post(ADDRESS, body=ANSWER)
    assert ask(ADDRESS) == ANSWER
    for _ in range(4):
        responses.post(ADDRESS, body=fault)
    with pytest.raises(ProcessorFailed, match="The external system did not do its part"):
        ask(ADDRESS)
    assert len(responses.calls) == 6


@responses.activate(registry=OrderedRegistry)
def test_the_documented_time_is_the_one_that_counts_and_is_used_up_once() -> None:
    responses.post(ADDRESS, body=ANSWER)
    assert ask(ADDRESS, deadline=3600) == ANSWER
    _connecting, silence = responses.calls[0].request.req_kwargs["timeout"]  # type: ignore[attr-defined]  # of responses
    assert 3500 < silence <= 3600
    responses.post(ADDRESS, body=requests.ReadTimeout("silent"))
    with pytest.raises(ProcessorFailed, match="it took longer than 3600 seconds"):
        ask(ADDRESS, deadline=3600)
    assert len(responses.calls) == 2


def test_a_system_that_is_silent_for_more_than_a_minute_is_waited_for(long_run: bool) -> None:
    def thinks(handler: external.Handler) -> None:
        handler.system.stopping.wait(63 if long_run else 1)
        handler.answer(ANSWER)

    with external_system(thinks) as system:
        assert ask(system.url, deadline=100) == ANSWER
    assert len(system.received) == 1


@responses.activate(registry=OrderedRegistry)
def test_pauses_grow_and_the_other_side_may_ask_for_longer_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FIRST_PAUSE", 0.1)
    for headers in ({}, {}, {"Retry-After": "1"}):
        responses.post(ADDRESS, status=503, headers=headers)
    responses.post(ADDRESS, body=ANSWER)
    began = time.monotonic()
    ask(ADDRESS)
    assert time.monotonic() - began >= 0.1 + 0.2 + 1


@responses.activate(registry=OrderedRegistry)
@pytest.mark.parametrize("asked", ["100", "9999999"])
def test_a_pause_beyond_the_deadline_is_not_begun(asked: str) -> None:
    responses.post(ADDRESS, status=429, headers={"Retry-After": asked})
    with own_seconds() as took, pytest.raises(ProcessorFailed, match="status 429"):
        ask(ADDRESS, deadline=50)
    assert took() < 20
    assert len(responses.calls) == 1


# --- Limits ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("behaviour", [external.stays_silent, external.drips, external.drips_headers])
def test_the_deadline_holds_however_slowly_it_answers(behaviour: Behaviour) -> None:
    with external_system(behaviour) as system:
        with own_seconds() as took, pytest.raises(ProcessorFailed, match="it took longer than 1 seconds"):
            ask(system.url, deadline=1)
        assert took() < 5


@pytest.mark.parametrize("behaviour", [external.never_ends, external.answers(b"id,status\n" + b"x,OPEN\n" * 300_000)])
def test_the_answer_has_a_largest_size(behaviour: Behaviour) -> None:
    with external_system(behaviour) as system:
        with pytest.raises(ProcessorFailed, match="larger than 2 MB"):
            ask(system.url, max_size=2_000_000)
        assert len(system.received) == 1


def test_a_compressed_answer_is_refused_unread() -> None:
    bomb = external.answers(b"\x1f\x8b" + b"\0" * 1000, Content_Encoding="gzip")
    with external_system(bomb) as system, pytest.raises(ProcessorFailed, match="compressed"):
        ask(system.url)


# --- What it says about tickets --------------------------------------------------------------------------------------


def by(*behaviours: Behaviour) -> Any:
    """A cycle with such an external system; what it raised, and what was received."""

    class Cycle:
        raised: ProcessorFailed | None = None
        system: ExternalSystem

    with external_system(*behaviours) as system:
        Cycle.system = system
        with override_settings(CSV_PROCESSOR=system.url, CSV_PROCESSOR_SECRET=SECRET, CSV_UPLOAD_MAX_MB=1):
            try:
                Cycle.result = run_cycle(None)  # type: ignore[attr-defined]  # only where it succeeds
            except ProcessorFailed as error:
                Cycle.raised = error
    return Cycle


@pytest.mark.django_db
def test_a_cycle_sends_the_contracts_export_and_imports_the_answer() -> None:
    tickets = [factories.ticket("PENDING") for _ in range(3)]
    cycle = by(external.closes_all)
    [received] = cycle.system.received
    lines = received.body.decode().splitlines()
    assert lines[0] == "id,ticket_number,status,severity,title,due_date"
    assert [line.split(",")[0] for line in lines[1:]] == [str(ticket.pk) for ticket in tickets]
    assert received.headers["idempotency-key"] == str(Run.objects.get(kind="CYCLE").pk)
    assert [status_of(ticket) for ticket in tickets] == ["CLOSED"] * 3
    assert (cycle.result.exported, cycle.result.updated, cycle.result.unreturned) == (3, 3, 0)


@pytest.mark.django_db
def test_with_nothing_pending_it_is_not_asked() -> None:
    assert by(external.closes_all).system.received == []


@pytest.mark.django_db
def test_missing_extra_foreign_and_broken_rows_are_told_apart() -> None:
    sent = [factories.ticket("PENDING") for _ in range(5)]
    foreign = factories.ticket("OPEN")
    answer = (
        "ticket_number,status,id,extra\n"
        f"{sent[0].ticket_number},closed,,x\n"  # 2: fine
        f",CLOSED,{foreign.pk},x\n"  # 3: not in the export
        f"{foreign.ticket_number},CLOSED,,x\n"  # 4: nor by number
        f",CLOSED,{uuid.UUID(int=9)},x\n"  # 5: no ticket at all
        f",OPEN,{sent[1].pk},x\n,CLOSED,{sent[1].pk},x\n"  # 6, 7: contradictory
        f",DONE,{sent[2].pk},x\n"  # 8: not a status; so it did not come back
        f"{sent[0].ticket_number},OPEN,{sent[3].pk},x\n"  # 9: two tickets in one row
        "garbage\n"  # 10
    )
    result = by(external.answers(answer.encode())).result
    assert (result.updated, result.skipped, result.errors, result.total) == (1, 0, 8, 9)
    part = Run.objects.get(kind="IMPORT")
    assert list(RowError.objects.in_order().values_list("row", "verdict")) == [
        (3, "unknown_ticket"),
        (4, "unknown_ticket"),
        (5, "unknown_ticket"),
        (6, "contradictory_rows"),
        (7, "contradictory_rows"),
        (8, "unknown_status"),
        (9, "ticket_mismatch"),
        (10, "unreadable_row"),
    ]
    assert [status_of(ticket) for ticket in [*sent, foreign]] == ["CLOSED", *["PENDING"] * 4, "OPEN"]
    assert imported_entries(foreign)[-1].to_status == "OPEN"
    missing = Unreturned.objects.filter(run=part).values_list("ticket", flat=True)
    assert set(missing) == {sent[2].pk, sent[4].pk}
    assert (result.unreturned, Run.objects.get(kind="CYCLE").counts["unreturned"]) == (2, 2)


@pytest.mark.django_db
def test_a_ticket_that_was_moved_meanwhile_is_judged_as_it_stands_now() -> None:
    ticket = factories.ticket("PENDING")

    def closes_too_late(handler: external.Handler) -> None:
        handler.answer(external.decided({str(ticket.pk): "OPEN"}))

    with external_system(closes_too_late) as system, override_settings(CSV_PROCESSOR=system.url):
        factories.import_status(ticket, "CLOSED")
        other = factories.ticket("PENDING")
        result = run_cycle(None)
    assert (result.errors, result.unreturned) == (1, 1)
    assert [status_of(ticket), status_of(other)] == ["CLOSED", "PENDING"]


UNREADABLE = {
    "nothing": b"",
    "a header": b"id,status\n",
    "HTML": b"<html><body>502 Bad Gateway</body></html>",
    "JSON": b'{"error": "no"}',
    "NULs": b"id,status\n\0\0\0,OPEN\n",
    "noise": bytes(range(256)) * 100,
    "a zip": b"PK\x03\x04\x14\0\0\0\x08\0",
    "an open quote": b'id,status\n"x,OPEN\n',
    "too much": b"id,status\n" + b"x,OPEN\n" * 200_000,
}


@pytest.mark.django_db
@pytest.mark.parametrize("content", UNREADABLE.values(), ids=UNREADABLE)
def test_an_answer_that_is_no_file_of_statuses_changes_nothing(content: bytes) -> None:
    ticket = factories.ticket("PENDING")
    cycle = by(external.answers(content))
    assert "The external system" in str(cycle.raised)
    assert status_of(ticket) == "PENDING"
    run = Run.objects.get(kind="CYCLE")
    assert run.state == "FAILED"
    assert run.error == str(cycle.raised)
    assert not Run.objects.filter(state="RUNNING").exists()


@pytest.mark.django_db
def test_over_rest_its_failure_is_a_bad_gateway() -> None:
    factories.ticket("PENDING")
    with external_system(external.answers(b"", 500)) as system, override_settings(CSV_PROCESSOR=system.url):
        response = ApiClient(factories.manager()).post("/automation/run-now")
    body = response.json()
    assert (response.status_code, body["error"], body["code"]) == (502, "Bad Gateway", "processor_failed")
    assert "status 500" in body["message"]


@pytest.mark.django_db
def test_after_a_failure_the_next_cycle_takes_everything() -> None:
    tickets = [factories.ticket("PENDING") for _ in range(2)]
    with override_settings(CSV_PROCESSOR_TIMEOUT=timedelta(seconds=1)):
        assert by(external.stays_silent).raised
    assert by(external.closes_all).result.updated == 2
    assert Ticket.objects.filter(pk__in=[ticket.pk for ticket in tickets], status="CLOSED").count() == 2
