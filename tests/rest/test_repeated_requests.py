"""`Idempotency-Key`: a POST that is sent again gets the first answer again, and does nothing a second time."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import override_settings
from django.urls import get_resolver
from rest_framework.views import APIView

from accounts.idempotency import keys, requests
from accounts.models import IdempotencyKey
from csvsync.models import Run
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import break_history, multipart, status_of
from tests.support.keyed import TICKET, let_pass, raise_ticket, told, with_key
from tickets.models import Attachment, Comment, HistoryEntry, Ticket, TicketLink

pytestmark = pytest.mark.django_db

SECRET = "a secret of more than thirty-two characters"
SECRET_SENT = {"x-cron-secret": SECRET}

type Sent = tuple[str, bytes, str, dict[str, str]]
type Prepare = Callable[[ApiClient], Sent]


def new_ticket(_manager: ApiClient) -> Sent:
    return "/tickets", json.dumps(TICKET).encode(), "application/json", {}


def new_ticket_by_form(_manager: ApiClient) -> Sent:
    return "/tickets", urlencode(TICKET).encode(), "application/x-www-form-urlencoded", {}


def restoring(_manager: ApiClient) -> Sent:
    return f"/tickets/{factories.deleted(factories.ticket()).pk}/restore", b"", "application/json", {}


def commenting(_manager: ApiClient) -> Sent:
    body = {"text": "Is it *still* so?", "isQuestion": True}
    return f"/tickets/{factories.ticket().pk}/comments", json.dumps(body).encode(), "application/json", {}


def linking(_manager: ApiClient) -> Sent:
    body = {"ticketId": str(factories.ticket().pk), "kind": "RELATED"}
    return f"/tickets/{factories.ticket().pk}/links", json.dumps(body).encode(), "application/json", {}


def attaching(_manager: ApiClient) -> Sent:
    return f"/tickets/{factories.ticket().pk}/attachments", *multipart(b"Once."), {}


def bulk(_manager: ApiClient) -> Sent:
    drafts = [str(factories.ticket().pk), str(factories.ticket("PENDING").pk)]
    return "/tickets/bulk", json.dumps({"action": "APPROVE", "ids": drafts}).encode(), "application/json", {}


def importing(_manager: ApiClient) -> Sent:
    return "/csv/import", *multipart(f"id,status\n{factories.ticket('PENDING').pk},OPEN\n".encode()), {}


def dry_run(manager: ApiClient) -> Sent:
    path, *rest = importing(manager)
    return f"{path}?dryRun=true", *rest  # type: ignore[return-value]  # the rest of what importing gives


def applying(manager: ApiClient) -> Sent:
    path, body, content_type, headers = dry_run(manager)
    run = manager.post(path, body, content_type=content_type, headers=headers)["Location"]
    return f"{run}/apply", b"", "application/json", {}


def running_now(_manager: ApiClient) -> Sent:
    factories.ticket("PENDING")
    return "/automation/run-now", b"", "application/json", {}


def nightly(_manager: ApiClient) -> Sent:
    factories.ticket("PENDING")
    return "/automation/nightly", b"", "application/json", SECRET_SENT


# Every route that takes POST, and how a request is made there that does something.
KEYED: dict[str, list[Prepare]] = {
    "tickets": [new_ticket, new_ticket_by_form],
    "tickets/<str:id>/restore": [restoring],
    "tickets/<str:id>/comments": [commenting],
    "tickets/<str:id>/links": [linking],
    "tickets/<str:id>/attachments": [attaching],
    "tickets/bulk": [bulk],
    "csv/import": [importing, dry_run],
    "csv/runs/<str:id>/apply": [applying],
}
CYCLES: dict[str, list[Prepare]] = {"automation/run-now": [running_now], "automation/nightly": [nightly]}
EXCEPTIONS = {"auth/login", "ai/severity-suggestion", "csv/auto-process"}

with_each = pytest.mark.parametrize("prepare", [p for ways in KEYED.values() for p in ways], ids=lambda p: p.__name__)
with_each_cycle = pytest.mark.parametrize(
    "prepare", [p for ways in CYCLES.values() for p in ways], ids=lambda p: p.__name__
)


def test_every_post_is_covered_or_a_named_exception() -> None:
    posts = set()
    for pattern in get_resolver().url_patterns:
        view = getattr(getattr(pattern, "callback", None), "cls", None)
        if view is not None and issubclass(view, APIView) and hasattr(view, "post"):
            posts.add(str(pattern.pattern))
    assert posts == {*KEYED, *CYCLES, *EXCEPTIONS}


@pytest.fixture
def manager() -> ApiClient:
    return ApiClient(factories.manager())


def send(client: ApiClient, sent: Sent, key: str | None = "k") -> Any:
    path, body, content_type, headers = sent
    headers = headers if key is None else {**headers, "Idempotency-Key": key}
    return client.post(path, body, content_type=content_type, headers=headers)


def done() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Ticket, HistoryEntry, Comment, TicketLink, Attachment, Run))


# --- The first answer again ------------------------------------------------------------------------------------------


@with_each
def test_a_repeated_request_gets_the_first_answer_and_does_nothing(prepare: Prepare, manager: ApiClient) -> None:
    sent = prepare(manager)
    first = send(manager, sent)
    assert first.status_code == 201, first.content
    effects = done()
    again = send(manager, sent)
    assert told(again) == told(first)
    assert done() == effects


@with_each
def test_an_answer_under_a_key_is_that_without_one(prepare: Prepare, manager: ApiClient) -> None:
    plain, keyed = (send(manager, prepare(manager), key) for key in (None, "k"))
    assert set(plain.headers) == set(keyed.headers)
    assert plain.json().keys() == keyed.json().keys()
    assert IdempotencyKey.objects.count() == 1


@with_each_cycle
@override_settings(CRON_SECRET=SECRET)
def test_the_key_of_a_cycle_that_succeeded_names_it_for_ever(prepare: Prepare, manager: ApiClient) -> None:
    path, _body, content_type, headers = prepare(manager)
    first = send(manager, (path, b"one", content_type, headers))
    let_pass(timedelta(days=400))
    again = send(manager, (path, b"another body", content_type, headers))
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert first.json()["exportedCount"] == 1
    assert Run.objects.filter(kind="CYCLE").count() == 1
    send(manager, (path, b"", content_type, headers), "another-key")
    assert Run.objects.filter(kind="CYCLE").count() == 2


@override_settings(CRON_SECRET=SECRET)
def test_a_managers_cycle_and_the_nightly_one_are_two(manager: ApiClient) -> None:
    for sent in (running_now(manager), nightly(manager)):
        assert send(manager, sent).status_code == 201
    assert send(ApiClient(factories.manager()), running_now(manager)).status_code == 201
    assert Run.objects.filter(kind="CYCLE").count() == 3


def test_a_failed_cycle_leaves_its_key_free(manager: ApiClient) -> None:
    sent = running_now(manager)
    with override_settings(CSV_PROCESSOR="http://127.0.0.1:1/nobody", CSV_PROCESSOR_TIMEOUT=timedelta(seconds=0.01)):
        assert send(manager, sent).status_code == 502
    assert send(manager, sent).status_code == 201
    assert send(manager, sent).status_code == 201
    assert Run.objects.filter(kind="CYCLE").count() == 2


# --- What a key belongs to -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prepare", [new_ticket, bulk, restoring], ids=lambda p: p.__name__)
def test_another_body_is_refused(prepare: Prepare, manager: ApiClient) -> None:
    path, body, content_type, headers = prepare(manager)
    first = send(manager, (path, body, content_type, headers))
    effects = done()
    assert_error(send(manager, (path, body + b" ", content_type, headers)), 422, "key_reused")
    assert done() == effects
    assert told(send(manager, (path, body, content_type, headers))) == told(first)


def test_a_form_may_carry_a_key(manager: ApiClient) -> None:
    form = "application/x-www-form-urlencoded"
    first = send(manager, ("/tickets", urlencode(TICKET).encode(), form, {}))
    assert (first.status_code, first.json()["title"]) == (201, TICKET["title"])
    assert told(send(manager, ("/tickets", urlencode(TICKET).encode(), form, {}))) == told(first)
    assert_error(send(manager, ("/tickets", urlencode({**TICKET, "title": "x"}).encode(), form, {})), 422, "key_reused")
    assert Ticket.objects.count() == 1


def test_an_upload_is_compared_by_all_its_bytes(manager: ApiClient) -> None:
    ticket = factories.ticket("PENDING")
    body, content_type = multipart(f"id,status\n{ticket.pk},OPEN\n".encode() + b"x,OPEN\n" * 10_000)
    first = send(manager, ("/csv/import", body, content_type, {}))
    assert first.json()["totalRows"] == 10_001
    assert told(send(manager, ("/csv/import", body, content_type, {}))) == told(first)
    other = body.replace(b"x,OPEN\n\r\n", b"y,OPEN\n\r\n")
    assert (other != body, len(other)) == (True, len(body))
    for changed in (other, body + b"behind the end"):
        assert_error(send(manager, ("/csv/import", changed, content_type, {})), 422, "key_reused")
    renamed = body.replace(b"frontier", b"boundary"), content_type.replace("frontier", "boundary")
    assert_error(send(manager, ("/csv/import", *renamed, {})), 422, "key_reused")


def test_a_dry_run_is_not_taken_for_the_import(manager: ApiClient) -> None:
    path, *rest = dry_run(manager)
    assert send(manager, (path, *rest)).status_code == 201  # type: ignore[arg-type]  # as dry_run gives it
    assert_error(send(manager, ("/csv/import", *rest)), 422, "key_reused")  # type: ignore[arg-type]  # the same


def test_a_key_belongs_to_a_person_and_a_path(manager: ApiClient) -> None:
    other = ApiClient(factories.manager())
    first, second = raise_ticket(manager, "k"), raise_ticket(other, "k", title="Of somebody else")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]
    gone = [factories.deleted(factories.ticket()) for _ in range(2)]
    paths = [f"/tickets/{ticket.pk}/restore" for ticket in gone]
    assert [manager.post(path, headers=with_key("k")).json()["id"] for path in paths] == [str(t.pk) for t in gone]
    assert manager.post("/tickets/", TICKET, headers=with_key("k")).json() == first.json()


def test_the_spelling_of_a_body_counts_and_its_type_does_not(manager: ApiClient) -> None:
    first = raise_ticket(manager, "k")
    body = json.dumps(TICKET).encode()
    again = manager.post("/tickets", body, content_type="application/json; charset=utf-8", headers=with_key("k"))
    assert told(again) == told(first)
    same = json.dumps(TICKET, indent=1).encode()
    assert_error(manager.post("/tickets", same, headers=with_key("k")), 422, "key_reused")


def test_without_a_key_nothing_is_kept(manager: ApiClient) -> None:
    assert [manager.post("/tickets", TICKET).status_code for _ in range(2)] == [201, 201]
    assert (Ticket.objects.count(), IdempotencyKey.objects.count()) == (2, 0)


# --- The form of a key -----------------------------------------------------------------------------------------------

GOOD = ["k", "!", "~", "x" * 200, '"quoted"', "8e03978e-40d5-43dd-bc93-6894a57f9324", "a,b", " k ", "%00", "\\"]
MALFORMED = ["", " ", "x" * 201, "two words", "tab\tbetween", "ä", "\x7f", "ключ", "a\xa0b"]


@pytest.mark.parametrize("key", GOOD)
def test_a_key_is_visible_ascii(key: str, manager: ApiClient) -> None:
    assert raise_ticket(manager, key).json() == raise_ticket(manager, key).json()
    assert Ticket.objects.count() == 1


@pytest.mark.parametrize("key", MALFORMED)
def test_another_key_is_malformed(key: str, manager: ApiClient) -> None:
    body = assert_error(raise_ticket(manager, key), 400, "invalid_input")
    assert set(body["fields"]) == {"Idempotency-Key"}
    assert Ticket.objects.count() == 0


@pytest.mark.parametrize(
    "prepare", [p for ways in [*KEYED.values(), CYCLES["automation/run-now"]] for p in ways], ids=lambda p: p.__name__
)
def test_a_malformed_key_does_nothing_anywhere(prepare: Prepare, manager: ApiClient) -> None:
    sent = prepare(manager)
    effects = done()
    assert_error(send(manager, sent, "two words"), 400, "invalid_input")
    assert done() == effects


def test_nobody_looks_at_the_key_of_an_exception() -> None:
    person = factories.manager(password=factories.PASSWORD)
    body = {"email": person.email, "password": factories.PASSWORD}
    answers = [ApiClient().post("/auth/login", body, headers=with_key("two words")) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    suggestion = {"title": "Printer", "description": "It burns."}
    client = ApiClient(person)
    assert client.post("/ai/severity-suggestion", suggestion, headers=with_key("two words")).status_code == 201
    body_, content_type = multipart(b"id,status\nx,OPEN\n")
    answer = client.post("/csv/auto-process", body_, content_type=content_type, headers=with_key("two words"))
    assert (answer.status_code, b"".join(answer).count(b"\n")) == (201, 2)
    assert not IdempotencyKey.objects.exists()


# --- The order of checks ---------------------------------------------------------------------------------------------


def test_who_may_not_do_it_gets_no_answer_again(manager: ApiClient) -> None:
    boss = factories.manager()
    client, sent = ApiClient(boss), importing(manager)
    assert send(client, sent).status_code == 201
    assert_error(send(ApiClient(), sent), 401, "unauthorized")
    factories.set_role(boss, "ASSOCIATE")
    assert_error(send(client, sent), 401, "unauthorized")
    assert_error(send(ApiClient(boss), sent), 403, "forbidden_role")
    factories.set_role(boss, "MANAGER")
    assert send(ApiClient(boss), sent).status_code == 201
    boss.is_active = False
    boss.save()
    assert_error(send(ApiClient(boss), sent), 401, "unauthorized")


def test_the_shape_comes_before_the_key(manager: ApiClient) -> None:
    raise_ticket(manager, "k")
    body = assert_error(raise_ticket(manager, "k", title=""), 400, "invalid_input")
    assert set(body["fields"]) == {"title"}
    path = f"/tickets/{factories.deleted(factories.ticket()).pk}/restore"
    assert manager.post(path, headers=with_key("k")).status_code == 201
    assert_error(manager.post(path, headers=with_key("k") | {"If-Match": "7"}), 400, "invalid_input")


def test_the_key_comes_before_the_ticket_its_version_and_its_state(manager: ApiClient) -> None:
    """Each of the three would be refused by now."""
    gone = factories.deleted(factories.ticket())
    path, headers = f"/tickets/{gone.pk}/restore", with_key("k") | {"If-Match": '"2"'}
    first = manager.post(path, headers=headers)
    assert (first.status_code, first["ETag"]) == (201, '"3"')
    assert_error(manager.post(path, headers=with_key()), 400, "not_deleted")
    assert told(manager.post(path, headers=headers)) == told(first)


# --- What frees a key ------------------------------------------------------------------------------------------------


def test_a_refusal_frees_its_key(manager: ApiClient) -> None:
    ticket = factories.ticket()
    path = f"/tickets/{ticket.pk}/restore"
    assert_error(manager.post(path, headers=with_key("k")), 400, "not_deleted")
    assert not IdempotencyKey.objects.exists()
    factories.deleted(ticket)
    assert manager.post(path, b"another body", headers=with_key("k")).status_code == 201
    unknown = "/tickets/00000000-0000-4000-8000-000000000000/restore"
    assert_error(manager.post(unknown, headers=with_key("k")), 404, "ticket_not_found")
    assert IdempotencyKey.objects.count() == 1


def test_a_file_that_cannot_be_read_frees_its_key_and_stays_in_the_ledger(manager: ApiClient) -> None:
    body, content_type = multipart(b'id,status\n"open quote')
    assert_error(send(manager, ("/csv/import", body, content_type, {})), 400, "invalid_csv")
    assert Run.objects.get().state == "FAILED"
    assert send(manager, importing(manager)).status_code == 201


@pytest.mark.parametrize("prepare", [new_ticket, bulk, importing], ids=lambda p: p.__name__)
def test_what_breaks_in_the_database_frees_its_key(prepare: Prepare, manager: ApiClient) -> None:
    sent = prepare(manager)
    before = done()
    break_history()
    assert send(manager, sent).status_code >= 500
    assert (Ticket.objects.count(), HistoryEntry.objects.count()) == before[:2]
    assert not IdempotencyKey.objects.exists()


def test_an_answer_that_cannot_be_kept_undoes_what_it_tells_of(
    manager: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody has taken this request for dead, and done the same in its place."""

    def lose(claim: keys.Claim, answer: Any) -> None:
        claim.name.rows().delete()
        settle(claim, answer)

    settle = requests._settle
    monkeypatch.setattr(requests, "_settle", lose)
    ticket = factories.ticket("PENDING")
    file = multipart(f"id,status\n{ticket.pk},OPEN\n".encode())
    for sent in (new_ticket(manager), ("/csv/import", *file, {})):
        answer = send(manager, sent)
        assert_error(answer, 409, "key_in_use")
        assert int(answer["Retry-After"]) >= 1
    assert (status_of(ticket), Ticket.objects.count()) == ("PENDING", 1)
    assert Run.objects.get().state == "FAILED"


# --- For how long ----------------------------------------------------------------------------------------------------


def test_an_answer_is_kept_for_24_hours(manager: ApiClient) -> None:
    first = raise_ticket(manager, "k")
    let_pass(timedelta(hours=24) - timedelta(minutes=5))
    assert told(raise_ticket(manager, "k")) == told(first)
    let_pass(timedelta(minutes=5))
    second = raise_ticket(manager, "k", title="Another body")
    assert (second.status_code, second.json()["title"]) == (201, "Another body")
    assert Ticket.objects.count() == 2


def test_what_is_kept_for_one_person_is_bounded(manager: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "MOST_KEPT", 50_000)
    first = raise_ticket(manager, "first", description="ü" * 25_000)
    answer = raise_ticket(manager, "second")
    assert_error(answer, 429, "too_many_keys")
    assert int(answer["Retry-After"]) > 0
    assert told(raise_ticket(manager, "first", description="ü" * 25_000)) == told(first)
    assert manager.post("/tickets", TICKET).status_code == 201
    assert raise_ticket(ApiClient(factories.manager()), "second").status_code == 201
    let_pass(timedelta(hours=24))
    assert raise_ticket(manager, "second").status_code == 201


def test_how_many_queries_a_key_costs(manager: ApiClient, django_assert_num_queries: Any) -> None:
    raise_ticket(manager)
    with django_assert_num_queries(11):
        manager.post("/tickets", TICKET)
    with django_assert_num_queries(11 + 8):
        raise_ticket(manager, "k")
    with django_assert_num_queries(2):
        raise_ticket(manager, "k")
