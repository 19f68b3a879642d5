"""The record of people: what leaves an entry, exactly one, and what leaves none.

Acts on people stand in test_staff_rights.py.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from accounts.models import AuditEntry, FailedSignIns, SignInFailure
from accounts.record import sign_ins
from tests.support.client import ApiClient, sign_in
from tests.support.csv_files import upload
from tests.support.factories import PASSWORD, associate, manager, ticket
from tests.support.pages import Desk, words

pytestmark = pytest.mark.django_db

ADDRESS = "192.0.2.7"
UNKNOWN = "nobody@example.com"


def entries() -> list[tuple[str, str, str, str]]:
    """The entries of the record, oldest first: who, what, whom and from where."""
    found = AuditEntry.objects.order_by("pk").select_related("actor", "subject")
    return [(str(e.actor or ""), e.action, str(e.subject or ""), e.origin) for e in found]


def told() -> list[dict[str, Any]]:
    return list(AuditEntry.objects.order_by("pk").values_list("changes", flat=True))


def fail(times: int, email: str = "ana@example.com", address: str = ADDRESS) -> None:
    """Fail to sign in so many times; the limit on attempts forgets each at once."""
    for _ in range(times):
        assert sign_in(email, "wrong", REMOTE_ADDR=address).status_code == 401
        SignInFailure.objects.all().delete()


def pass_time(**by: float) -> None:
    FailedSignIns.objects.update(until=F("until") - timedelta(**by), since=F("since") - timedelta(**by))


# Signing in and out.


def test_a_token_leaves_one_entry() -> None:
    ana = associate(email="ana@example.com", password=PASSWORD)
    assert sign_in("ANA@example.com", REMOTE_ADDR=ADDRESS).status_code == 201
    assert entries() == [(ana.email, "token_issued", ana.email, ADDRESS)]
    assert told() == [{}]


def test_a_session_leaves_one_entry_when_it_begins_and_one_when_it_ends() -> None:
    ana = associate(email="ana@example.com", password=PASSWORD)
    desk = Desk()
    fields = {"email": ana.email, "password": PASSWORD, "next": "/desk/"}
    assert desk.post("/desk/login/", fields, REMOTE_ADDR=ADDRESS).status_code == 302
    assert desk.get("/desk/tickets/").status_code == 200
    assert desk.post("/desk/logout/", REMOTE_ADDR=ADDRESS).status_code == 302
    assert desk.post("/desk/logout/").status_code == 302  # nobody's
    assert entries() == [
        (ana.email, "signed_in", ana.email, ADDRESS),
        (ana.email, "signed_out", ana.email, ADDRESS),
    ]


def test_the_admin_has_its_own_door_with_the_same_entries() -> None:
    staff, other = associate(is_staff=True, password=PASSWORD), associate(password=PASSWORD)
    client = Client()
    refused = client.post("/admin/login/", {"username": other.email, "password": PASSWORD})
    assert refused.status_code == 200
    assert entries() == [], "who is let in nowhere is not signed in"
    client.post("/admin/login/?next=/admin/", {"username": staff.email, "password": PASSWORD})
    client.post("/admin/logout/")
    assert [(who, what) for who, what, _whom, _where in entries()] == [
        (staff.email, "signed_in"),
        (staff.email, "signed_out"),
    ]


def test_a_password_and_a_token_of_ones_own_leave_one_entry_each() -> None:
    ana = associate(email="ana@example.com", password=PASSWORD)
    new = "a quiet new morning"
    form = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert Desk(ana).post("/desk/preferences/password/", form).status_code == 302
    assert [what for _who, what, _whom, _where in entries()] == ["person_password_changed"]


def test_what_is_only_looked_at_leaves_none() -> None:
    boss = manager(is_staff=True)
    client, desk = ApiClient(boss), Desk(boss)
    ticket()
    for path in ("/tickets?pageSize=200", "/auth/me", "/csv/runs"):
        assert client.get(path).status_code == 200
    for path in ("/desk/", "/desk/tickets/", "/desk/exchange/", "/desk/preferences/", "/admin/accounts/auditentry/"):
        assert desk.get(path).status_code == 200
    assert entries() == []


# Failures in a row.


def test_failures_before_a_success_stand_in_its_entry() -> None:
    ana = associate(email="ana@example.com", password=PASSWORD)
    fail(3)
    assert entries() == []
    assert sign_in(ana.email, REMOTE_ADDR="192.0.2.9").status_code == 201
    assert entries() == [(ana.email, "token_issued", ana.email, "192.0.2.9")]
    [changes] = told()
    assert changes["failures"] == 3
    assert changes["since"] <= changes["until"]
    assert sign_in(ana.email).status_code == 201
    assert told()[1] == {}, "they have been told"


def test_a_hundred_failures_leave_two_entries_and_one_more_when_they_are_over() -> None:
    ana = associate(email="ana@example.com")
    for _ in range(105):
        sign_ins.record_failure(ana.email, ADDRESS)
    assert entries() == [("", "sign_ins_failed", ana.email, ADDRESS)] * 2
    assert [changes["failures"] for changes in told()] == [10, 100]
    assert sign_ins.close_quiet() == 0, "they may go on"
    pass_time(minutes=61)
    assert sign_ins.close_quiet() == 1
    assert [changes["failures"] for changes in told()] == [10, 100, 105]
    assert sign_ins.close_quiet() == 0


def test_after_a_quiet_hour_it_is_another_row_of_failures() -> None:
    associate(email="ana@example.com")
    fail(2)
    pass_time(minutes=61)
    fail(1)
    assert [changes["failures"] for changes in told()] == [2]
    assert FailedSignIns.objects.get().count == 1


def test_strangers_store_one_row_whatever_e_mails_they_try_and_none_of_these() -> None:
    for number in range(12):
        fail(1, f"guess-{number}@example.com", f"198.51.100.{number}")
    assert [(failed.key, failed.count) for failed in FailedSignIns.objects.all()] == [("", 12)]
    assert entries() == [("", "sign_ins_failed", "", "198.51.100.9")]
    assert "guess" not in str(told())


def test_a_failure_takes_the_same_statements_whether_the_person_exists(
    django_assert_num_queries: Callable[..., Any],
) -> None:
    associate(email="ana@example.com")
    for email in ("ana@example.com", UNKNOWN):
        sign_ins.record_failure(email, ADDRESS)
    for email in ("ana@example.com", UNKNOWN):
        with django_assert_num_queries(6):  # two of them begin and end a savepoint
            sign_ins.record_failure(email, ADDRESS)


def test_who_was_deactivated_fails_as_themselves() -> None:
    ana = associate(email="ana@example.com", password=PASSWORD, is_active=False)
    assert sign_in(ana.email).status_code == 401
    assert FailedSignIns.objects.get().key == str(ana.pk)


@pytest.mark.django_db(transaction=True)
def test_of_failures_at_once_none_is_lost() -> None:
    def one(_number: int) -> None:
        try:
            sign_ins.record_failure(UNKNOWN, ADDRESS)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(40)))
    assert FailedSignIns.objects.get().count == 40
    assert [changes["failures"] for changes in told()] == [10]


# Tickets that leave as a file.


def run_of(client: ApiClient) -> str:
    """A run with a file, a wrong row and a report of it."""
    answer = upload(client, "/csv/import", b"id,status\nx,OPEN\n")
    assert answer.status_code == 201
    return str(answer["Location"]).removeprefix("/csv/runs/")


@pytest.mark.parametrize("path", ["/csv/export/pending", "/csv/export?status=PENDING", "/desk/exchange/export/"])
def test_an_export_leaves_one_entry(path: str) -> None:
    boss = manager()
    ticket("PENDING")
    client = Desk(boss).client if path.startswith("/desk/") else ApiClient(boss).client
    headers = ApiClient(boss).headers
    assert client.head(path, headers=headers).status_code == 200
    assert entries() == [], "who asks for the headers takes nothing"
    answer = client.get(path, headers=headers, REMOTE_ADDR=ADDRESS)
    assert answer.getvalue().count(b"\n") == 2
    assert entries() == [(boss.email, "tickets_exported", "", ADDRESS)]
    [changes] = told()
    assert (changes["status"], changes["file"].startswith("pending_tickets_")) == ("PENDING", True)


@pytest.mark.parametrize("what", ["file", "errors", "unreturned"])
@pytest.mark.parametrize("where", ["/csv/runs/{run}/{what}", "/desk/exchange/{run}/{what}/"])
def test_a_file_of_the_exchange_leaves_one_entry(what: str, where: str) -> None:
    boss = manager()
    client = ApiClient(boss)
    run = run_of(client)
    path = where.format(run=run, what=what)
    reader = Desk(boss).client if path.startswith("/desk/") else client.client
    answer = reader.get(path, headers=client.headers)
    assert (answer.status_code, len(answer.getvalue()) > 3) == (200, True)
    assert [(who, act) for who, act, _whom, _where in entries()] == [(boss.email, "exchange_file_downloaded")]
    assert told() == [{"run": run, "what": what}]


def test_the_list_as_csv_leaves_one_entry_with_its_filters() -> None:
    ana = associate()
    ticket(author=ana, title="Printer")
    ticket(author=ana, title="Scanner")
    answer = Desk(ana).get("/desk/tickets/download/?q=printer&tickets=%00x&request=1&sort=-number")
    assert answer.getvalue().count(b"TKT-") == 1
    assert [(who, act) for who, act, _whom, _where in entries()] == [(ana.email, "tickets_downloaded")]
    assert told() == [
        {"tickets": 1, "filters": {"q": "printer", "request": "1", "sort": "-number", "tickets": "x"}},
    ]


@pytest.mark.parametrize("nightly", [False, True])
def test_a_cycle_leaves_one_entry_and_at_night_without_a_person(nightly: bool, settings: Any) -> None:
    settings.CRON_SECRET = "x" * 40
    boss = manager()
    ticket("PENDING", reviewer=boss)
    path = "/automation/nightly" if nightly else "/automation/run-now"
    for _ in range(2):  # the second has nothing to hand out, since the ticket is closed
        headers = {"x-cron-secret": settings.CRON_SECRET}
        assert ApiClient(None if nightly else boss).post(path, headers=headers).status_code == 201
    assert [(who, act, where) for who, act, _whom, where in entries()] == [
        ("" if nightly else boss.email, "tickets_exported", "cycle")
    ]
    assert told()[0]["tickets"] == 1


# The page.


def rows_of(answer: Any) -> list[list[str]]:
    content = answer.getvalue()
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_it_is_read_searched_filtered_and_downloaded() -> None:
    staff = associate(is_staff=True, email="staff@example.com")
    ana = associate(email="ana@example.com", password=PASSWORD)
    sign_in(ana.email, REMOTE_ADDR=ADDRESS)
    desk = Desk(staff)
    desk.post("/admin/accounts/user/", {"action": "deactivate", "_selected_action": str(ana.pk)})
    page = desk.text("/admin/accounts/auditentry/")
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d staff@example.com person changed ana@example.com", words(page))
    assert "is_active: True → False" in words(page)
    assert f"ana@example.com signed in by the API themselves {ADDRESS} -" in words(page)
    assert 'href="/admin/accounts/auditentry/download/' in page
    found = desk.text("/admin/accounts/auditentry/?q=ana@example.com&action__exact=token_issued")
    assert words(found).count("signed in by the API") == 2  # the filter and the one row
    assert 'href="/admin/accounts/auditentry/download/?action__exact=token_issued&amp;q=ana%40example.com"' in found
    answer = desk.get("/admin/accounts/auditentry/download/?q=ana@example.com&action__exact=token_issued")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    heading, *rows = rows_of(answer)
    assert heading == ["When (UTC)", "Who", "What", "Whom", "Details", "From where"]
    assert [row[1:] for row in rows] == [[ana.email, "signed in by the API", ana.email, "", ADDRESS]]
    assert entries()[-1][:2] == (staff.email, "record_downloaded")
    assert told()[-1] == {"filters": {"action__exact": "token_issued", "q": "ana@example.com"}}


def test_no_cell_of_the_download_is_a_formula() -> None:
    AuditEntry.objects.create(action="signed_in", origin="=1+1", changes={"=cmd": "@SUM(A1)"})
    answer = Desk(associate(is_staff=True)).get("/admin/accounts/auditentry/download/?action=signed_in")
    _heading, row = rows_of(answer)
    assert (row[4], row[5]) == ("'=cmd: @SUM(A1)", "'=1+1")


def test_a_download_has_all_pages_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.record.wording.ROWS_AT_ONCE", 3)
    for number in range(8):
        AuditEntry.objects.create(action="signed_in", origin=str(number))
    _heading, own, *rows = rows_of(Desk(associate(is_staff=True)).get("/admin/accounts/auditentry/download/"))
    assert own[2] == "this record downloaded"
    assert [row[5] for row in rows] == [str(number) for number in reversed(range(8))]


def test_it_is_for_support_staff_only() -> None:
    for user in (associate(), manager()):
        assert Desk(user).get("/admin/accounts/auditentry/download/").status_code == 302
    assert Desk().get("/admin/accounts/auditentry/download/").status_code == 302
    wrong = Desk(associate(is_staff=True)).get("/admin/accounts/auditentry/download/?nonsense=1")
    assert wrong.headers["Location"] == "/admin/accounts/auditentry/"
    assert entries() == []
