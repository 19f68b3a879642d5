"""The image and its compose file, as far as they can be judged without an engine to build them."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.databases import ready
from tests.support.server import ROOT, server_environment

pytestmark = pytest.mark.no_database

STRONG = "hGz3kT0q9WcXyR7mVnB2sLpE5uJdA8fY"


@pytest.fixture(scope="module")
def services() -> Any:
    return yaml.safe_load((ROOT / "compose.yml").read_text())["services"]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """What COPY brings along, by .dockerignore: everything is left out but what is named."""
    everything, *rules = (ROOT / ".dockerignore").read_text().split("\n\n")[0].strip().splitlines()[1:]
    assert everything == "*"
    for name in (rule.removeprefix("!") for rule in rules if rule.startswith("!")):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("tests"))
        elif (ROOT / name).exists():
            shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_what_the_image_holds_is_enough_to_build_migrate_and_work(image: Path) -> None:
    """The database has been migrated, which takes long: its migrations are read and compared, and not carried out."""
    ready.wait_until_migrated()
    ready.copy_database(ready.migrated_file(), image / "desk.sqlite3")
    environment = server_environment(f"sqlite:///{image}/desk.sqlite3", CSV_STORAGE=str(image / "exchange"))
    for command in (["-m", "config.serve", "--collect"], ["manage.py", "migrate"], ["manage.py", "run_nightly"]):
        done = subprocess.run([sys.executable, *command], cwd=image, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert (image / "staticfiles/staticfiles.json").exists()
    assert list(image.glob("staticfiles/css/desk.*.css.br"))


def test_processes_can_keep_files_though_the_rest_is_read_only(services: Any) -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    places = re.findall(r"\b(?:CSV|ATTACHMENT)_STORAGE=(\S+)", dockerfile)
    assert re.search(rf"install -d -o desk -m 700 {' '.join(places)}$", dockerfile, re.MULTILINE)
    assert re.search(r"useradd .*--uid 10001 .*\bdesk\b", dockerfile)
    assert re.search(r"^USER 10001$", dockerfile, re.MULTILINE)
    for name in ("web", "worker", "nightly"):
        assert services[name]["read_only"] is True
        assert services[name]["volumes"] == [f"{place.rpartition('/')[2]}:{place}" for place in places]
        assert services[name]["tmpfs"] == "/tmp"


def test_each_process_waits_for_what_it_needs(services: Any) -> None:
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}
    for name in ("web", "worker", "nightly"):
        assert services[name]["depends_on"] == {"migrate": {"condition": "service_completed_successfully"}}
