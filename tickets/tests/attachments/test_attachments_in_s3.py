"""What is attached may be kept in S3, where `ATTACHMENT_STORAGE` says so: whole and in parts, seen, removed, tidied."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import boto3
import pytest
import time_machine
from botocore.config import Config
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import override_settings
from django.utils import timezone
from moto.server import ThreadedMotoServer

from config import settings
from tests.support import factories
from tests.support.client import ApiClient, assert_error
from tickets.attachments import tidying
from tickets.attachments.storage import name_of
from tickets.tests.attachments.files import picture, upload

pytestmark = pytest.mark.django_db
KEYS = {"aws_access_key_id": "a key", "aws_secret_access_key": "a secret"}


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{host}:{port}"
    boto3.client("s3", endpoint_url=address, region_name="us-east-1", **KEYS).create_bucket(Bucket="attached")
    yield address
    server.stop()


def s3(address: str) -> Any:
    options = {
        "bucket_name": "attached",
        "endpoint_url": address,
        "access_key": "a key",
        "secret_key": "a secret",
        "region_name": "us-east-1",
        "client_config": Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20),
    }
    backend = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    return override_settings(STORAGES={**settings.STORAGES, "attachments": backend})


def body_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def kept() -> set[str]:
    files = storages["attachments"]
    return {name for place in files.listdir("")[0] for name in files.listdir(place)[1]}


def test_files_are_kept_in_s3_and_found_again(s3_address: str, django_capture_on_commit_callbacks: Any) -> None:
    author = factories.associate()
    api, ticket, content = ApiClient(author), factories.ticket(author=author), picture("PNG", (40, 30))
    with s3(s3_address):
        sent = upload(api, ticket, content, "shot.png").json()
        address, files = f"/attachments/{sent['id']}", storages["attachments"]
        assert body_of(api.get(address)) == content
        part = api.get(address, headers={"Range": "bytes=10-19"})
        assert (part.status_code, body_of(part)) == (206, content[10:20])
        assert body_of(api.get(f"{address}/preview")).startswith(b"RIFF")
        assert kept() == {sent["id"], f"{sent['id']}.webp"}

        left = uuid.uuid4()
        files.save(name_of(left), ContentFile(b"of nobody"))
        assert tidying.remove_orphans() == 0
        with time_machine.travel(timezone.now() + timedelta(days=2)):
            assert tidying.remove_orphans() == 1
        with django_capture_on_commit_callbacks(execute=True):
            assert api.delete(address).status_code == 200
        assert kept() == set()


def test_a_bucket_that_is_away_is_said_so(s3_address: str) -> None:
    author = factories.associate()
    api, ticket = ApiClient(author), factories.ticket(author=author)
    with s3(s3_address):
        sent = upload(api, ticket, b"some bytes").json()
    with s3("http://127.0.0.1:1"):
        assert_error(upload(api, ticket, b"some bytes"), 503, "storage_unavailable")
        assert_error(api.get(f"/attachments/{sent['id']}"), 503, "storage_unavailable")
    assert [each["id"] for each in api.get(f"/tickets/{ticket.pk}/attachments").json()] == [sent["id"]]
