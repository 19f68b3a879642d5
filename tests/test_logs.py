"""The log names nobody in full and holds no secret, whoever writes to it."""

from __future__ import annotations

import logging
import re
import smtplib
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from config.masking.addresses import MaskingFormatter
from config.masking.tracebacks import OneLineForStrangers
from tests.support.server import ROOT, server_environment

pytestmark = pytest.mark.no_database

TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U"


LINE = MaskingFormatter("{message}", style="{")


def logged(text: str, trace: Any = None) -> str:
    return LINE.format(logging.LogRecord("x", logging.ERROR, "", 0, text, None, trace))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("The mail to ana.maria+desk@example.com is away", "The mail to a***@example.com is away"),
        ("{'bob@x.example': (550, b'<bob@x.example> no')}", "{'b***@x.example': (550, b'<b***@x.example> no')}"),
        ("Key (email)=(o'neil@example.com) already exists", "Key (email)=(o***@example.com) already exists"),
        (f"Authorization: Bearer {TOKEN}.", "Authorization: Bearer ***."),
        ("Not Found: /desk/password/OWQ/d2x-0f1e2d3c/", "Not Found: /desk/password/***/"),
        ("compared the-secret-of-tokens with the-secret-of-cron", "compared *** with ***"),
        ("such as postgresql://user:password@host/name", "such as postgresql://user:password@host/name"),
        ("a line @ noon, TKT-2026-000001", "a line @ noon, TKT-2026-000001"),
    ],
)
def test_what_is_left_out(said: str, shown: str, settings: Any) -> None:
    settings.JWT_SECRET = "the-secret-of-tokens"
    settings.CRON_SECRET = "the-secret-of-cron"
    assert logged(said) == shown


def test_tracebacks_are_masked_too() -> None:
    try:
        raise smtplib.SMTPRecipientsRefused({"ana@example.com": (550, b"no")})
    except OSError:
        entry = logged("It failed", sys.exc_info())
    assert "Traceback" in entry
    assert "a***@example.com" in entry
    assert "ana@" not in entry


@pytest.mark.parametrize("unit", ["a", "a.", "a://a", "://", "/", "/a?", "eyJaaaaaa", "/desk/password/a", "a@"])
def test_a_long_line_takes_time_in_proportion_only(unit: str) -> None:
    text = unit * (50_000 // len(unit))
    began = time.thread_time()
    logged(text)
    assert time.thread_time() - began < 5


def test_a_process_logs_no_one_time_link(tmp_path: Path) -> None:
    """Even where the database is away, which is logged with the address that was asked for, no link is in the log."""
    show = """
import django, uuid
django.setup()
from django.test import Client
from django.utils.http import urlsafe_base64_encode
person = urlsafe_base64_encode(str(uuid.uuid4()).encode())
client = Client(raise_request_exception=False, headers={"host": "localhost"})
print(client.get(f"/desk/password/{person}/d2x1-0f1e2d3c4b5a/").status_code)
"""
    environment = server_environment(
        f"sqlite:///{tmp_path}/no/such/desk.sqlite3", DJANGO_SETTINGS_MODULE="config.settings"
    )
    ended = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300
    )
    assert ended.stdout == "503\n", ended.stderr
    assert "/desk/password/***" in ended.stderr
    assert "0f1e2d3c4b5a" not in ended.stderr


def test_forms_that_strangers_have_malformed_are_a_line_each(tmp_path: Path) -> None:
    show = """
import django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, headers={"host": "localhost"})
form = "application/x-www-form-urlencoded"
for body, kind in (("x", "multipart/form-data"), ("a=1&" * 2000, form)):
    print(client.post("/desk/login/", body, content_type=kind).status_code)
"""
    environment = server_environment(f"sqlite:///{tmp_path}/desk.sqlite3", DJANGO_SETTINGS_MODULE="config.settings")
    # In a clean clone no server may have collected the static files yet, of which Python warns in lines of its own.
    quiet = [sys.executable, "-W", "ignore:No directory at", "-c", show]
    ended = subprocess.run(quiet, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300)
    assert ended.stdout == "400\n400\n", ended.stderr
    assert "(Unable to parse request body): /desk/login/ (Invalid boundary in multipart: None)" in ended.stderr
    assert "The number of GET/POST parameters exceeded" in ended.stderr
    begins_with_a_time = [bool(re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2} ", line)) for line in ended.stderr.splitlines()]
    assert all(begins_with_a_time), ended.stderr


def test_a_failure_of_our_own_keeps_its_traceback() -> None:
    try:
        raise ValueError("ours")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 0, "It failed", None, sys.exc_info())
    assert OneLineForStrangers().filter(record) is True
    assert "Traceback" in LINE.format(record)
