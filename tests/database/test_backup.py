"""docs/backup.md does what it says: its commands, as they stand there, while people write."""

from __future__ import annotations

import hashlib
import io
import os
import re
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
import requests
from django.conf import settings
from django.core.files.storage import storages
from django.db import connection

from accounts.models import User
from accounts.signing_in.tokens import issue_token
from csvsync.exchange.manual_import import import_upload
from csvsync.models import Run
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.csv_files import upload
from tests.support.databases.postgres import NoPostgres, find_binaries
from tests.support.follower import Follower
from tests.support.patience import PATIENCE, wait_until
from tests.support.server import ROOT, running_server, server_environment
from tickets.models import Ticket

PAGE = ROOT / "docs/backup.md"
IMPORTED = "id,status\n{}\n"
FORBIDDEN = (psycopg.Error, sqlite3.Error)
TRIGGERS = {
    "postgresql": """
        SELECT CAST(tgrelid AS regclass)::text, tgname, CAST(tgfoid AS regproc)::text, tgtype, tgenabled
        FROM pg_trigger WHERE NOT tgisinternal ORDER BY tgname
    """,
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
}


def command(name: str) -> str:
    """A command of the page."""
    [found] = re.findall(rf"^```sh {name}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return str(found)


@pytest.mark.no_database
@pytest.mark.parametrize(
    "name", ["backup-postgresql", "backup-sqlite", "backup-files", "backup-attachments", "restore-postgresql"]
)
def test_a_variable_that_is_not_set_stops_a_command_that_would_back_up_something_else(
    name: str, tmp_path: Path
) -> None:
    empty = dict.fromkeys(("DATABASE_URL", "CSV_STORAGE", "ATTACHMENT_STORAGE"), "")
    environment = {**os.environ, **empty, "BACKUP": str(tmp_path)}
    done = subprocess.run(["sh"], input=command(name), env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode != 0
    assert "parameter" in done.stderr or "not set" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.no_database
def test_what_the_settings_leave_out_has_the_defaults_of_the_product(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("JWT_SECRET=x\n")
    script = command("backup-settings").replace("/srv/backup", str(tmp_path))
    script += 'echo "$DATABASE_URL $CSV_STORAGE $ATTACHMENT_STORAGE"'
    environment = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["sh", "-eu"], input=script, env=environment, cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("sqlite:///db.sqlite3 var/exchange var/attachments\n", "")


def run(*names: str, environment: dict[str, str]) -> None:
    script = "\n".join(map(command, names))
    done = subprocess.run(["sh", "-eu"], input=script, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@dataclass
class Elsewhere:
    """Where the backup is restored: another database, another folder of files."""

    environment: dict[str, str]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Past the product. Raises what the database's driver raises."""
        url = self.environment["DATABASE_URL"]
        with closing(open_database(url)) as opened:
            return list(opened.execute(query).fetchall())


def open_database(url: str) -> Any:
    if url.startswith("sqlite"):
        return sqlite3.connect(url.removeprefix("sqlite:///"), timeout=PATIENCE)
    return psycopg.connect(url)


@pytest.fixture
def backed_up(database_url: str, tmp_path: Path) -> dict[str, str]:
    """The environment of the commands that take the backup."""
    (tmp_path / "backup").mkdir()
    environment = server_environment(
        database_url,
        BACKUP=str(tmp_path / "backup"),
        CSV_STORAGE=str(storages["csv"].location),  # type: ignore[attr-defined]  # it is a folder here
        ATTACHMENT_STORAGE=str(storages["attachments"].location),  # type: ignore[attr-defined]  # likewise
        JWT_SECRET=settings.JWT_SECRET,
        SECRET_KEY=settings.SECRET_KEY,
    )
    if connection.vendor == "postgresql":
        with suppress(NoPostgres):  # the tools that came with the server, if it is one of this machine
            environment["PATH"] = f"{find_binaries(tmp_path)}:{environment['PATH']}"
    return environment


@pytest.fixture
def elsewhere(backed_up: dict[str, str], tmp_path: Path) -> Iterator[Elsewhere]:
    files = {"CSV_STORAGE": str(tmp_path / "files"), "ATTACHMENT_STORAGE": str(tmp_path / "attachments")}
    if connection.vendor == "sqlite":
        file = tmp_path / "restored.sqlite3"
        Path(f"{file}-wal").write_bytes(b"what is left of another database")
        yield Elsewhere({**backed_up, "DATABASE_URL": f"sqlite:///{file}", **files})
        return
    name = f"{connection.settings_dict['NAME']}_restored"
    url = urlsplit(backed_up["DATABASE_URL"])._replace(path=f"/{name}").geturl()
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield Elsewhere({**backed_up, "DATABASE_URL": url, **files})
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def bring(rows: str, boss: User) -> tuple[Run, bytes]:
    """Import these rows; the run, and the file as it was sent."""
    content = IMPORTED.format(rows).encode()
    run, _report = import_upload(io.BytesIO(content), user=boss, name="rows.csv")
    return run, content


@contextmanager
def writers(boss: User, authors: list[User]) -> Iterator[None]:
    """People who raise and review tickets, and bring files. Each has done so before the block and goes on after it."""
    stopped, failed = threading.Event(), list[BaseException]()
    done = dict.fromkeys(range(len(authors) + 1), 0)

    def raise_tickets(place: int) -> None:
        ticket = factories.ticket("DRAFT", author=authors[place])
        if done[place] % 2:
            answer = ApiClient(boss).patch(f"/tickets/{ticket.pk}/review", {"action": "APPROVE"})
            assert answer.status_code == 200, answer.content

    def bring_files(_place: int) -> None:
        keys = Ticket.objects.filter(status__in=["PENDING", "OPEN"]).values_list("pk", flat=True)[:3]
        bring("\n".join(f"{key},OPEN" for key in keys), boss)

    def go_on(place: int, write: Any) -> None:
        try:
            while not stopped.is_set():
                write(place)
                done[place] += 1
        except BaseException as error:  # noqa: BLE001 - told by the test's own thread
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go_on, args=[place, raise_tickets]) for place in range(len(authors))]
    threads.append(threading.Thread(target=go_on, args=[len(authors), bring_files]))
    for thread in threads:
        thread.start()
    try:
        wait_until(lambda: failed or all(done.values()), "nobody writes")
        before = dict(done)
        yield
        wait_until(lambda: failed or all(done[place] > before[place] for place in done), "the writers have stopped")
    finally:
        stopped.set()
        for thread in threads:
            thread.join(PATIENCE)
    assert failed == []


@pytest.mark.django_db(transaction=True)
def test_a_backup_taken_while_people_write_is_whole_when_it_is_restored(
    backed_up: dict[str, str], elsewhere: Elsewhere
) -> None:
    boss, kind = factories.manager(), connection.vendor
    pending = factories.ticket("PENDING")
    run_before, content = bring(f"{pending.pk},OPEN", boss)
    client = ApiClient(boss)
    attached = upload(client, f"/tickets/{pending.pk}/attachments", b"What the printer prints.").json()
    reader = Follower(lambda path: client.get(path).json(), limit=100)
    reader.poll()
    told_before = len(reader.told)

    with writers(boss, [factories.associate() for _ in range(2)]):
        run(f"backup-{kind}", "backup-files", "backup-attachments", environment=backed_up)
    reader_of_all = Follower(lambda path: client.get(path).json(), limit=100)
    reader_of_all.poll()
    original = reader_of_all.told

    restoring = (f"restore-{kind}", "restore-files", "restore-attachments", "restore-finish")
    run(*restoring, environment=elsewhere.environment)

    assert_whole(elsewhere)
    with running_server(elsewhere.environment) as address:
        headers = {"Authorization": f"Bearer {issue_token(boss)}"}

        def ask(method: str, path: str, **more: Any) -> requests.Response:
            return requests.request(method, address + path, headers=headers, timeout=PATIENCE, **more)

        assert ask("GET", "/readyz").json()["database"] == "ok"
        # The file that the ledger names is the one that was sent.
        file = ask("GET", f"/csv/runs/{run_before.pk}/file")
        told = ask("GET", f"/csv/runs/{run_before.pk}").json()
        assert (file.content, hashlib.sha256(file.content).hexdigest()) == (content, told["sha256"])
        for row in ask("GET", "/csv/runs?pageSize=200").json()["items"]:
            if row["kind"] == "IMPORT" and row["state"] == "SUCCEEDED":
                kept = ask("GET", f"/csv/runs/{row['id']}/file")
                assert (kept.status_code, hashlib.sha256(kept.content).hexdigest()) == (200, row["sha256"])
        assert ask("GET", f"/attachments/{attached['id']}").content == b"What the printer prints."
        # Who had read before goes on where they were; who had read on since hears of it.
        reader.ask = lambda path: ask("GET", path).json()
        reader.poll()
        entries = elsewhere.rows("SELECT COUNT(*) FROM tickets_historyentry")[0][0]
        assert told_before < len(reader.told) == entries + 1 < len(original)  # and that a file was attached
        told_of = reader.versions().values()
        assert all(told == sorted(told) and {*told} == {*range(1, told[-1] + 1)} for told in told_of)
        later = ask("GET", f"/events?after={reader_of_all.after}")
        assert (later.status_code, later.json()["code"]) == (400, "invalid_input")
        # Numbers go on without a gap, and the next event is told.
        numbers = [row for [row] in elsewhere.rows("SELECT sequence FROM tickets_ticket ORDER BY sequence")]
        assert numbers == list(range(1, len(numbers) + 1))
        new = {"title": "After", "description": "All.", "dueDate": "2030-01-31T17:00:00Z", "severity": "LOW"}
        made = ask("POST", "/tickets", json=new)
        assert (made.status_code, made.json()["sequence"]) == (201, len(numbers) + 1)
        reader.poll()
        assert reader.told[-1]["ticketId"] == made.json()["id"]


def assert_whole(elsewhere: Elsewhere) -> None:
    """Each ticket ends where its history ends, the counts are those of the tickets, and nobody can change the past."""
    assert elsewhere.rows("SELECT COUNT(*) FROM tickets_ticket")[0][0] > 3
    last = """
        SELECT COUNT(*) FROM tickets_ticket AS ticket LEFT JOIN tickets_historyentry AS entry
            ON entry.ticket_id = ticket.id AND entry.version = ticket.version AND entry.to_status = ticket.status
        WHERE entry.id IS NULL
    """
    assert elsewhere.rows(last) == [(0,)]
    entries = elsewhere.rows("SELECT COUNT(*), (SELECT SUM(version) FROM tickets_ticket) FROM tickets_historyentry")
    assert entries[0][0] == entries[0][1]
    assert elsewhere.rows("SELECT COUNT(version) FROM tickets_event") == [(entries[0][0],)]
    counted = "SELECT status, COUNT(*) FROM tickets_ticket WHERE deleted_at IS NULL GROUP BY status ORDER BY status"
    kept = "SELECT status, SUM(tickets) FROM tickets_total GROUP BY status HAVING SUM(tickets) <> 0 ORDER BY status"
    assert elsewhere.rows(kept) == elsewhere.rows(counted)
    for statement in ("UPDATE tickets_historyentry SET reason = 'forged'", "DELETE FROM tickets_event"):
        with pytest.raises(FORBIDDEN, match="append-only"):
            elsewhere.rows(statement)
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS[connection.vendor])
        assert elsewhere.rows(TRIGGERS[connection.vendor]) == cursor.fetchall() != []
