"""How the server starts, and what keeps it from starting."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from accounts.models import User
from config.serve.command import server_command
from tests.support import factories
from tests.support.patience import PATIENCE, wait_until
from tests.support.plugin import product_variables
from tests.support.processes import children_of, command_of, has_ended
from tests.support.server import ROOT, free_port, running_server, server_environment, wait_until_live
from tickets.models import Ticket

LONG_AND_RANDOM = "hGz3kT0q9WcXyR7mVnB2sLpE5uJdA8fY"
WEAK_SECRETS = [
    ("JWT_SECRET", ""),
    ("JWT_SECRET", "tiny"),
    ("JWT_SECRET", "changeme" + LONG_AND_RANDOM),
    ("JWT_SECRET", "replace-me-with-a-long-random-string-of-32-or-more-characters"),
    ("JWT_SECRET", "secret" + LONG_AND_RANDOM),
    ("JWT_SECRET", "your-" + LONG_AND_RANDOM),
    ("CRON_SECRET", "tiny"),
    ("CRON_SECRET", "Your-" + LONG_AND_RANDOM),
    ("SECRET_KEY", "tiny"),
]


@pytest.mark.no_database
@pytest.mark.parametrize(("name", "value"), WEAK_SECRETS)
def test_weak_secret_stops_the_server_and_is_named(name: str, value: str) -> None:
    ended = run_server([sys.executable, "-m", "config.serve"], **{name: value})
    assert ended.returncode == 1
    assert ended.stderr.startswith(name)
    assert "Traceback" not in ended.stderr
    assert value == "" or value not in ended.stderr


@pytest.mark.no_database
@pytest.mark.parametrize(("name", "value"), [("JWT_SECRET", ""), ("CRON_SECRET", "tiny")])
def test_weak_secret_stops_a_server_that_is_started_directly(name: str, value: str) -> None:
    ended = run_server(server_command("127.0.0.1", free_port()), **{name: value})
    assert ended.returncode != 0
    assert name in ended.stderr


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"),
        ("DATABASE_URL", "mysql://localhost/desk"),
        ("JWT_EXPIRES_IN", "tomorrow"),
        ("OPENAI_TIMEOUT_MS", "-1"),
        ("TRUSTED_PROXIES", "everyone"),
    ],
)
def test_unreadable_variable_stops_the_server_and_is_named(name: str, value: str) -> None:
    ended = run_server([sys.executable, "-m", "config.serve"], **{name: value})
    assert ended.returncode == 1
    assert ended.stderr.startswith(name)
    assert "Traceback" not in ended.stderr


@pytest.mark.no_database
def test_a_missing_package_stops_the_server_and_is_named(tmp_path: Path) -> None:
    """The server itself stops, and not each of its workers, one after the other without end."""
    (tmp_path / "waitress.py").write_text("raise ModuleNotFoundError(\"No module named 'waitress'\")")
    ended = run_server(server_command("127.0.0.1", free_port()), PYTHONPATH=str(tmp_path))
    assert ended.returncode == 1
    assert "No module named 'waitress'. Is everything installed that requirements.txt names?" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.no_database
def test_taken_port_is_named() -> None:
    with running_server(server_environment("sqlite:///unused.sqlite3")) as address:
        port = address.rpartition(":")[2]
        ended = run_server([sys.executable, "-m", "config.serve"], PORT=port)
    assert ended.returncode == 1
    assert port in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.one_database
def test_server_answers_without_an_empty_cron_secret(database_url: str) -> None:
    environment = server_environment(database_url, CRON_SECRET="")
    with running_server(environment) as address, urllib.request.urlopen(f"{address}/readyz") as answer:
        assert answer.status == 200


@pytest.mark.no_database
def test_the_server_says_once_that_nobody_has_said_where_data_shall_be() -> None:
    """The process that was started says it, and not each of its workers again."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "config.serve"],
        cwd=ROOT,
        env=server_environment("", PORT=str(port)),
        stderr=subprocess.PIPE,
    )
    try:
        wait_until_live(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        said = process.communicate(timeout=PATIENCE)[1]
    assert said.count(b"DATABASE_URL is not set") == 1


@pytest.mark.no_database
@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_server_stops_at_once_when_its_whole_terminal_is_told_to(sign: signal.Signals) -> None:
    port = free_port()
    environment = server_environment("sqlite:///unused.sqlite3", PORT=str(port))
    process = subprocess.Popen(server_command("127.0.0.1", port), cwd=ROOT, env=environment, start_new_session=True)
    try:
        wait_until_live(f"http://127.0.0.1:{port}", process)
        os.killpg(process.pid, sign)
        process.wait(PATIENCE)  # 1 instead of 0 where a worker was still loading
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.mark.one_database
def test_a_demo_that_is_started_on_a_desk_with_tickets_serves_it_and_adds_nothing(database_url: str) -> None:
    """What `./dev run` does, with the address of a real installation in DATABASE_URL.

    The worker that does the tasks runs beside the server, comes back when it dies, and ends with the server.
    """
    author = factories.ticket().created_by
    port = free_port()
    environment = server_environment(database_url, PORT=str(port))
    process = subprocess.Popen([sys.executable, "-m", "config.serve", "--demo"], cwd=ROOT, env=environment)
    try:
        wait_until_live(f"http://127.0.0.1:{port}", process)
        [first] = wait_until(lambda: task_workers(process.pid))
        os.kill(first, signal.SIGKILL)
        [second] = wait_until(lambda: [pid for pid in task_workers(process.pid) if pid != first])
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert has_ended(second)
    assert list(User.objects.all()) == [author]
    assert Ticket.objects.count() == 1


@pytest.mark.one_database
def test_commands_need_no_secret(database_url: str) -> None:
    environment = server_environment(database_url, JWT_SECRET="", CRON_SECRET="tiny")
    command = [sys.executable, "manage.py", "migrate", "--check"]
    assert subprocess.run(command, cwd=ROOT, env=environment, capture_output=True).returncode == 0


def test_every_variable_that_is_read_is_in_the_example() -> None:
    read = set()
    for path in [*ROOT.glob("config/**/*.py"), *ROOT.glob("[act]*/*.py")]:
        read |= set(re.findall(r'\benv\.\w+\("([A-Z_]+)"', path.read_text()))
    assert read - set(product_variables()) == set()


def task_workers(server: int) -> list[int]:
    return [pid for pid in children_of(server) if "db_worker" in command_of(pid)]


def run_server(command: list[str], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = server_environment("sqlite:///unused.sqlite3", PORT=str(free_port())) | variables
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE)
