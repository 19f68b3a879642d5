"""What managers and the nightly job exchange with the external system."""

from __future__ import annotations

import csv
import io
import uuid
from typing import Any

from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.stateful import draws
from tests.stateful.contract import Person, Refused
from tests.stateful.contract_csv import Report, Row, export, import_rows, ranked, run_cycle, text_of
from tests.stateful.contract_json import iso
from tests.stateful.draws import BAD, WHO, Pick, Who
from tests.stateful.machine import DeskMachine, without
from tests.support.csv_files import multipart, upload_by_page

SECRET = "the cron secret of this desk, of more than 32 characters"
BAD_FILE = st.sampled_from(draws.BAD_FILES)


class ExchangeRules(DeskMachine):
    def __init__(self) -> None:
        super().__init__()
        self.dry_runs: list[tuple[str, list[Row]]] = []  # addresses of their pages, and what they hold

    def rows(self, drawn: list[tuple[str, Pick, str]]) -> list[Row]:
        return [self.row(*parts) for parts in drawn]

    def row(self, kind: str, pick: Pick, status: str) -> Row:
        id, number, _version = self.pick(pick, lambda ticket: ticket.status in ("PENDING", "OPEN"))
        kinds = {
            "id": Row(id, "", status),
            "number": Row("", number, status),
            "both": Row(id, number, status),
            "loud": Row(f" {id.upper()}", f"{number.lower()} ", f" {status.lower()} "),
            "mismatch": Row(id, "TKT-2020-000009", status),
            "unknown": Row(str(uuid.UUID(int=pick.at)), "", status),
            "none": Row("", " ", status),
            "short": Row(id, number, status, is_short=True),
        }
        return kinds[kind]

    def send_file(self, who: Who, path: str, content: bytes, act: Any, *, is_readable: bool) -> tuple[Any, Any]:
        body, content_type = multipart(content)

        def judged(by: Person, answer: Any) -> Any:
            if not is_readable:
                raise Refused(400, "invalid_csv")
            return act(by)

        return self.api(
            self.caller(who), "POST", path, judged, body=body, content_type=content_type, managers_only=True, status=201
        )

    def check_report(self, body: dict[str, Any], report: Report, rows: list[Row]) -> None:
        assert without(body, "errors", "changedCount", "changes") == report.counts()
        assert [(error["row"], error["code"]) for error in body["errors"]] == report.errors()
        for error in body["errors"]:
            row = rows[error["row"] - 2]
            assert row.is_short or error["ticket"] == row.key

    @rule(who=WHO, dry_run=st.sampled_from([False, False, True]), rows=draws.ROWS, bad=BAD, how=BAD_FILE)
    def import_file(self, who: Who, dry_run: bool, rows: list[tuple[str, Pick, str]], bad: bool, how: bytes) -> None:
        written = self.rows(rows)
        path = "/csv/import?dryRun=true" if dry_run else "/csv/import"
        answer, report = self.send_file(
            who,
            path,
            how if bad else text_of(written),
            lambda by: import_rows(self.desk, written, by, dry_run=dry_run),
            is_readable=not bad,
        )
        if report:
            self.check_report(answer.json(), report, written)
            if dry_run:
                self.dry_runs.append((answer["Location"].rpartition("/")[2], written))

    @rule(who=WHO, rows=draws.ROWS, bad=BAD, how=BAD_FILE)
    def try_file_by_page(self, who: Who, rows: list[tuple[str, Pick, str]], bad: bool, how: bytes) -> None:
        written = self.rows(rows)
        caller = self.caller(who)

        def act(by: Person) -> bool:
            if not by.is_manager:
                raise Refused(403, "")
            if bad:
                raise Refused(400, "")
            return True

        sent = upload_by_page(caller.browser, how if bad else text_of(written))
        answer, done = self.judge_page(caller, sent, act, 302)
        if done:
            self.dry_runs.append((answer["Location"].split("/")[3], written))

    @rule(who=WHO, at=st.integers(0, 5), by_page=st.booleans())
    def apply_dry_run(self, who: Who, at: int, by_page: bool) -> None:
        """Judged anew, by how the tickets are now."""
        if not self.dry_runs:
            return
        run, rows = self.dry_runs[-1 - at % len(self.dry_runs)]
        caller = self.caller(who)
        if not by_page:
            answer, report = self.api(
                caller,
                "POST",
                f"/csv/runs/{run}/apply",
                lambda by, _answer: import_rows(self.desk, rows, by),
                managers_only=True,
                status=201,
            )
            if report:
                self.check_report(answer.json(), report, rows)
            return

        def act(by: Person) -> Report:
            if not by.is_manager:
                raise Refused(403, "")
            return import_rows(self.desk, rows, by)

        self.post(caller, f"/desk/exchange/{run}/apply/", act, {})

    @rule(who=WHO)
    def run_now(self, who: Who) -> None:
        answer, result = self.api(
            self.caller(who),
            "POST",
            "/automation/run-now",
            lambda by, _answer: run_cycle(self.desk, by),
            managers_only=True,
            status=201,
        )
        if result:
            assert without(answer.json(), "timestamps") == result

    @rule(secret=st.sampled_from([SECRET, SECRET, SECRET, "wrong", ""]))
    def nightly(self, secret: str) -> None:
        with override_settings(CRON_SECRET=SECRET):
            answer = self.stranger.client.post("/automation/nightly", headers={"x-cron-secret": secret})
        if secret != SECRET:
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_cron_secret")
        else:
            result = run_cycle(self.desk, None)
            assert (answer.status_code, without(answer.json(), "timestamps")) == (201, result)
        self.compare()

    @rule(who=WHO)
    def export_pending(self, who: Who) -> None:
        answer, tickets = self.api(
            self.caller(who),
            "GET",
            "/csv/export/pending",
            lambda _by, _answer: export(self.desk),
            managers_only=True,
        )
        if tickets is not None:
            rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))
            assert rows == [
                ["id", "ticket_number", "status", "severity", "title", "due_date"],
                *([t.id, t.number, "PENDING", t.severity, t.title, iso(t.due)] for t in tickets),
            ]

    @rule(who=WHO)
    def auto_process(self, who: Who) -> None:
        """Changes nothing; all tickets as they are go in, whatever their status."""
        ids = list(self.desk.tickets)
        content = text_of([Row(id, "", "PENDING") for id in ids])
        answer, expected = self.send_file(
            who, "/csv/auto-process", content, lambda _by: ranked(ids), is_readable=bool(ids)
        )
        if expected is not None:
            rows = b"".join(answer.streaming_content).decode()
            assert rows.encode() == text_of([Row(id, "", expected[id]) for id in ids])
