"""The README's tour works as printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.server import ROOT, running_server, server_environment

CRON_SECRET = "a-cron-secret-that-is-long-enough-for-the-tour"


def tour() -> str:
    blocks = re.findall(r"^```sh tour\n(.*?)^```$", (ROOT / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 6
    return "\n".join(blocks)


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    """A folder that looks like the project's to who stands in it, with a `.env` of its own."""
    (tmp_path / "manage.py").symlink_to(ROOT / "manage.py")
    (tmp_path / ".venv").symlink_to(sys.prefix)
    (tmp_path / ".env").write_text(f"CRON_SECRET={CRON_SECRET}\n")
    return tmp_path


@pytest.mark.curl
@pytest.mark.django_db(transaction=True)
@pytest.mark.one_database
def test_the_tour_works_as_printed(database_url: str, project_folder: Path) -> None:
    environment = server_environment(database_url, CRON_SECRET=CRON_SECRET, DEMO="1")
    demo = [sys.executable, "manage.py", "demo", "--tickets", "30"]
    subprocess.run(demo, cwd=ROOT, env=environment, check=True, capture_output=True)
    with running_server(environment) as address:
        script = tour().replace("http://localhost:8080", address)
        done = subprocess.run(
            ["sh", "-eu"],
            input=script,
            cwd=project_folder,
            env=environment,
            text=True,
            capture_output=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = [json.loads(line) for line in done.stdout.splitlines() if line.startswith(("{", "["))]
    me, suggestion, created, raised, edited, approved, history, imported, nightly = answers
    assert (me["email"], me["role"]) == ("manager@example.com", "MANAGER")
    assert suggestion["source"] == "HEURISTIC"
    assert (created["status"], created["severity"]) == ("DRAFT", "MEDIUM")
    assert (raised["status"], raised["severity"]) == ("REVIEW", "HIGH")
    assert (edited["status"], edited["description"]) == (
        "DRAFT",
        "The whole office, 40 people, gets an error since 9.",
    )
    assert approved["status"] == "PENDING"
    assert [entry["action"] for entry in history] == ["approved", "edited", "severity_changed", "created"]
    exported = (project_folder / "pending.csv").read_text()
    assert exported.startswith("id,ticket_number,status,severity,title,due_date\n")
    assert created["ticketNumber"] in exported
    assert imported["errorsCount"] == 0
    assert imported["totalRows"] == imported["updatedCount"] + imported["skippedCount"] > 0
    assert nightly["exportedCount"] == nightly["importResult"]["totalRows"] < imported["totalRows"]


def test_the_readme_names_files_that_exist() -> None:
    text = (ROOT / "README.md").read_text()
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (ROOT / target).exists() or target.startswith("http"), target
    assert os.access(ROOT / "dev", os.X_OK)
