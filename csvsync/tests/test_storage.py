"""Files of exchanges are kept whole or not at all, for nobody else to read; and what is said where that fails."""

from __future__ import annotations

import errno
import io
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import boto3
import pytest
from botocore.config import Config
from django.core.files.storage import storages
from django.test import override_settings
from django.utils import timezone
from moto.server import ThreadedMotoServer

from config import folders, settings
from config.errors import StorageUnavailable
from csvsync.models import Run
from csvsync.runs import ledger, retention, storage
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tests.support.csv_files import status_of, upload
from tests.support.server import ROOT, free_port, server_environment

pytestmark = pytest.mark.django_db


class BreaksOff(io.BytesIO):
    """A file of which so much can be read before the disk is full."""

    def __init__(self, content: bytes, after: int) -> None:
        super().__init__(content)
        self.after = after

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() >= self.after:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().read(size)


def kept_in(place: Path) -> Any:
    backend = {"BACKEND": "config.folders.PrivateFolder", "OPTIONS": {"location": place}}
    return override_settings(STORAGES={**settings.STORAGES, "csv": backend})


def run_for(name: str = "2026/11/26/a.csv") -> Run:
    return ledger.begin(Run.Kind.IMPORT, factories.manager(), kept_as=name)


def files_in(place: Path) -> list[Path]:
    return [path for path in place.rglob("*") if path.is_file()]


def test_nobody_else_can_read_what_is_kept_at_any_moment(tmp_path: Path) -> None:
    modes: set[int] = set()

    class Watched(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            modes.update(stat.S_IMODE(path.stat().st_mode) for path in files_in(tmp_path))
            return super().read(size)

    old = os.umask(0)
    try:
        with kept_in(tmp_path):
            retention.keep(run := run_for(), Watched(b"id,status\n" * 100_000))
    finally:
        os.umask(old)
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / run.kept_as).stat().st_mode) == 0o600


def test_a_file_that_cannot_be_kept_leaves_nothing_behind(tmp_path: Path) -> None:
    with kept_in(tmp_path), pytest.raises(StorageUnavailable, match="No space left on device"):
        retention.keep(run := run_for(), BreaksOff(b"x" * 1_000_000, after=300_000))
    assert files_in(tmp_path) == []
    assert Run.objects.get(pk=run.pk).kept_as == ""


def test_where_there_is_no_room_what_is_old_makes_some(tmp_path: Path) -> None:
    with kept_in(tmp_path):
        retention.keep(old := run_for("old.csv"), io.BytesIO(b"old"))
        ledger.finish(old)
        Run.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(days=91))
        with pytest.raises(StorageUnavailable):
            retention.keep(run_for(), BreaksOff(b"x" * 1_000_000, after=300_000))
        assert files_in(tmp_path) == []


def test_the_cause_is_said_with_its_path(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with kept_in(tmp_path / "file" / "folder"):
        body = assert_error(
            upload(ApiClient(factories.manager()), "/csv/import", b"id,status\nx,OPEN\n"), 503, "storage_unavailable"
        )
    assert f"Not a directory: {tmp_path / 'file'}" in body["message"] or str(tmp_path / "file") in body["message"]


def test_what_killed_processes_left_goes_with_time(tmp_path: Path) -> None:
    with kept_in(tmp_path):
        retention.keep(run := run_for("2026/01/02/whole.csv"), io.BytesIO(b"whole"))
        young, old = (tmp_path / "2026/01/02" / f"{folders.PARTIAL}{name}" for name in ("young", "old"))
        (tmp_path / "2025/12/31").mkdir(parents=True)
        young.touch()
        old.touch()
        os.utime(old, (time.time() - 2 * 24 * 3600,) * 2)
        assert storage.remove_remains() == 1
        assert set(files_in(tmp_path)) == {young, tmp_path / run.kept_as}
        assert not (tmp_path / "2025").exists()


def test_a_folder_that_is_tidied_away_meanwhile_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tidied = list[int]()

    def tidied_first(**options: Any) -> Any:
        if not tidied:
            tidied.append(storage.remove_remains())
            assert not (tmp_path / "2026").exists()
        return NamedTemporaryFile(**options)

    monkeypatch.setattr(folders, "NamedTemporaryFile", tidied_first)
    with kept_in(tmp_path):
        retention.keep(run := run_for(), io.BytesIO(b"whole"))
    assert [path.read_bytes() for path in files_in(tmp_path)] == [b"whole"]
    assert run.kept_as


def test_a_file_that_is_completed_while_one_tidies_is_no_trouble(tmp_path: Path) -> None:
    """It was listed, and by the time it is looked at it is not there: like a link to nothing."""
    (tmp_path / f"{folders.PARTIAL}gone").symlink_to(tmp_path / "nothing")
    with kept_in(tmp_path):
        assert storage.remove_remains() == 0


# --- Said before the first night fails -------------------------------------------------------------------------------


def test_readyz_says_where_files_cannot_be_kept_and_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with kept_in(tmp_path / "not yet there" / "exchange"):
        assert ApiClient().get("/readyz").json()["storage"] == "ok"
    with kept_in(tmp_path / "file" / "exchange"):
        answer = ApiClient().get("/readyz")
    assert answer.status_code == 200
    said = answer.json()["storage"]
    assert str(tmp_path / "file" / "exchange") in said
    assert f"{tmp_path / 'file'} is not a folder" in said
    assert "CSV_STORAGE" in said


def test_a_user_who_may_not_write_is_named(tmp_path: Path) -> None:
    # Root may write anywhere, so it becomes somebody else, who has to be let through to the folder.
    for place in (tmp_path, *tmp_path.parents[:-2]):
        if place.stat().st_uid == os.geteuid():
            place.chmod(0o555 if place == tmp_path else 0o755)
    script = f"""
import os
from django.conf import settings
settings.configure(STORAGES={{"csv": {{"BACKEND": "config.folders.PrivateFolder",
    "OPTIONS": {{"location": {str(tmp_path / "exchange")!r}}}}}}})
from csvsync.runs.storage import problem
problem()
if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)
print(problem())
"""
    command = [sys.executable, "-c", script]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=True).stdout
    user = os.geteuid() or 65534
    assert f"the user with the number {user} may not write to {tmp_path}" in said


def test_the_start_of_the_server_says_it(tmp_path: Path, database_url: str) -> None:
    (tmp_path / "file").touch()
    environment = server_environment(database_url, CSV_STORAGE=str(tmp_path / "file" / "x"), PORT=str(free_port()))
    process = subprocess.Popen(
        [sys.executable, "-m", "config.serve"], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr
        said = next(line for line in process.stderr if "CSV_STORAGE" in line)
    finally:
        process.terminate()
        process.communicate(timeout=60)
    assert f"cannot be kept in {tmp_path / 'file' / 'x'}" in said


# --- S3 --------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def s3(address: str, bucket: str) -> Any:
    options = {
        "bucket_name": bucket,
        "endpoint_url": address,
        "access_key": "a key",
        "secret_key": "a secret",
        "region_name": "us-east-1",
        "client_config": Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20),
    }
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    return override_settings(STORAGES={**settings.STORAGES, "csv": backend})


def test_files_are_kept_in_s3_and_found_again(s3_address: str) -> None:
    keys = {"aws_access_key_id": "a key", "aws_secret_access_key": "a secret"}
    boto3.client("s3", endpoint_url=s3_address, region_name="us-east-1", **keys).create_bucket(Bucket="exchange")
    ticket, manager = factories.ticket("PENDING"), ApiClient(factories.manager())
    content = f"id,status\n{ticket.pk},OPEN\nx,OPEN\n".encode()
    with s3(s3_address, "exchange"):
        response = upload(manager, "/csv/import?dryRun=true", content)
        assert response.status_code == 201, response.content
        where = response["Location"]
        assert b"".join(manager.get(f"{where}/file").streaming_content) == content
        assert b"unknown_ticket" in b"".join(manager.get(f"{where}/errors").streaming_content)
        assert manager.post(f"{where}/apply").json()["updatedCount"] == 1
        Run.objects.update(started_at=timezone.now() - timedelta(days=91))
        assert retention.remove_old_files() == 2
        assert storages["csv"].listdir("")[1] == []
    assert status_of(ticket) == "OPEN"


@pytest.mark.parametrize("reason", ["no bucket", "nobody there"])
def test_where_s3_is_away_or_has_no_bucket_nothing_changes(s3_address: str, reason: str) -> None:
    ticket, manager = factories.ticket("PENDING"), ApiClient(factories.manager())
    address = s3_address if reason == "no bucket" else f"http://127.0.0.1:{free_port()}"
    with s3(address, "missing"):
        response = upload(manager, "/csv/import", f"id,status\n{ticket.pk},OPEN\n".encode())
        body = assert_error(response, 503, "storage_unavailable")
        assert response["Retry-After"]
        assert_error(manager.post("/automation/run-now"), 503, "storage_unavailable")
    assert ("NoSuchBucket" if reason == "no bucket" else "Could not connect") in body["message"]
    assert "a secret" not in body["message"]
    assert status_of(ticket) == "PENDING"
    assert set(Run.objects.values_list("state", flat=True)) == {"FAILED"}


def test_a_kept_file_that_cannot_be_fetched_is_no_file_that_is_gone(s3_address: str) -> None:
    run = run_for()
    ledger.finish(run)
    with s3(f"http://127.0.0.1:{free_port()}", "exchange"):
        answer = ApiClient(factories.manager()).get(f"/csv/runs/{run.pk}/file")
        assert_error(answer, 503, "storage_unavailable")
