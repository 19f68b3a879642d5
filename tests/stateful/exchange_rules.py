"""What managers and the nightly job exchange with the external system."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.test import override_settings
from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.stateful import draws
from tests.stateful.contract import Person, Refused, Ticket
from tests.stateful.contract_csv import Report, Row, export, import_rows, ranked, run_cycle, text_of
from tests.stateful.contract_json import iso
from tests.stateful.draws import BAD, KEY, WHO, Key, Pick, Who
from tests.stateful.machine import Again, DeskMachine, told, without
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

    def send_file(
        self, who: Who, path: str, content: bytes, act: Callable[[Person], Any], *, is_readable: bool, **options: Any
    ) -> None:
        body, content_type = multipart(content)

        def judged(by: Person, _answer: Any) -> Any:
            if not is_readable:
                raise Refused(400, "invalid_csv")
            return act(by)

        options |= {"content_type": content_type, "managers_only": True, "status": 201}
        self.api(self.caller(who), "POST", path, judged, body=body, **options)

    def check_report(self, body: dict[str, Any], report: Report, rows: list[Row]) -> None:
        assert without(body, "errors", "changedCount", "changes") == report.counts()
        assert [(error["row"], error["code"]) for error in body["errors"]] == report.errors()
        for error in body["errors"]:
            row = rows[error["row"] - 2]
            assert row.is_short or error["ticket"] == row.key

    @rule(who=WHO, dry_run=st.sampled_from([False, False, True]), rows=draws.ROWS, key=KEY, bad=BAD, how=BAD_FILE)
    def import_file(
        self, who: Who, dry_run: bool, rows: list[tuple[str, Pick, str]], key: Key, bad: bool, how: bytes
    ) -> None:
        written = self.rows(rows)

        def check(answer: Any, report: Report) -> None:
            self.check_report(answer.json(), report, written)
            if dry_run:
                self.dry_runs.append((answer["Location"].rpartition("/")[2], written))

        self.send_file(
            who,
            "/csv/import?dryRun=true" if dry_run else "/csv/import",
            how if bad else text_of(written),
            lambda by: import_rows(self.desk, written, by, dry_run=dry_run),
            is_readable=not bad,
            key=key,
            check=check,
        )

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

    @rule(who=WHO, at=st.integers(0, 5), key=KEY)
    def apply_dry_run(self, who: Who, at: int, key: Key) -> None:
        """Judged anew, by how the tickets are now."""
        if self.dry_runs:
            run, rows = self.dry_runs[-1 - at % len(self.dry_runs)]
            self.api(
                self.caller(who),
                "POST",
                f"/csv/runs/{run}/apply",
                lambda by, _answer: import_rows(self.desk, rows, by),
                key=key,
                managers_only=True,
                status=201,
                check=lambda answer, report: self.check_report(answer.json(), report, rows),
            )

    @rule(who=WHO, at=st.integers(0, 5))
    def apply_dry_run_by_page(self, who: Who, at: int) -> None:
        if not self.dry_runs:
            return
        run, rows = self.dry_runs[-1 - at % len(self.dry_runs)]

        def act(by: Person) -> Report:
            if not by.is_manager:
                raise Refused(403, "")
            return import_rows(self.desk, rows, by)

        self.post(self.caller(who), f"/desk/exchange/{run}/apply/", act, {})

    @rule(who=WHO, key=KEY)
    def run_now(self, who: Who, key: Key) -> None:
        def check(answer: Any, result: dict[str, object]) -> None:
            assert without(answer.json(), "timestamps") == result

        self.api(
            self.caller(who),
            "POST",
            "/automation/run-now",
            lambda by, _answer: run_cycle(self.desk, by),
            key=replace(key, names_a_cycle=True),
            managers_only=True,
            status=201,
            check=check,
        )

    @rule(
        secret=st.sampled_from([SECRET, SECRET, SECRET, "wrong", ""]), key=KEY, body=st.sampled_from([b"", b"{}", b"x"])
    )
    def nightly(self, secret: str, key: Key, body: bytes) -> None:
        """Whose keys may also have spaces, and be somewhat longer."""
        headers = {"x-cron-secret": secret, **key.header}
        with override_settings(CRON_SECRET=SECRET):
            answer = self.stranger.client.post("/automation/nightly", body, headers=headers)
        if secret != SECRET:
            assert (answer.status_code, answer.json()["code"]) == (401, "invalid_cron_secret")
        else:
            name = replace(key, names_a_cycle=True)
            result = self.once("", "POST", "/nightly", name, body, answer, lambda: run_cycle(self.desk, None))
            if isinstance(result, Again):
                assert told(answer) == result.told
            else:
                assert (answer.status_code, without(answer.json(), "timestamps")) == (201, result)
        self.compare()

    @rule(who=WHO)
    def export_pending(self, who: Who) -> None:
        def check(answer: Any, tickets: list[Ticket]) -> None:
            rows = list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode(), newline="")))
            assert rows == [
                ["id", "ticket_number", "status", "severity", "title", "due_date"],
                *([t.id, t.number, "PENDING", t.severity, t.title, iso(t.due)] for t in tickets),
            ]

        self.api(
            self.caller(who),
            "GET",
            "/csv/export/pending",
            lambda _by, _answer: export(self.desk),
            managers_only=True,
            check=check,
        )

    @rule(who=WHO)
    def auto_process(self, who: Who) -> None:
        """Changes nothing; all tickets as they are go in, whatever their status."""
        ids = list(self.desk.tickets)

        def check(answer: Any, expected: dict[str, str]) -> None:
            assert b"".join(answer.streaming_content) == text_of([Row(id, "", expected[id]) for id in ids])

        content = text_of([Row(id, "", "PENDING") for id in ids])
        self.send_file(who, "/csv/auto-process", content, lambda _by: ranked(ids), is_readable=bool(ids), check=check)
