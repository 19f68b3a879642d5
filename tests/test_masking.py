"""What is secret in an address stands in no error, no log and no ledger."""

from __future__ import annotations

import io
import logging
import time
from typing import Any

import pytest
from django.conf import settings as product
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.test import override_settings

from config import env
from config.masking.addresses import MaskingFormatter, masked
from csvsync.errors import ProcessorFailed
from csvsync.exchange.cycle import run_cycle
from csvsync.models import Run
from tests.support import factories
from tests.support.fakes import external_system as external
from tests.support.fakes.external_system import external_system
from tests.support.server import free_port

KEY = "k-e-y-of-nobody-else"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"https://x.example.com/decide?key={KEY}&a=1", "https://x.example.com/decide?***"),
        (f"https://x.example.com?{KEY}", "https://x.example.com?***"),
        (f"https://me:{KEY}@x.example.com/a", "https://***@x.example.com/a"),
        (f"postgresql://desk:{KEY}@db:5432/desk?sslmode=require", "postgresql://***@db:5432/desk?***"),
        (f"smtps://user%40x:{KEY}@mail:465", "smtps://***@mail:465"),
        (
            f"Max retries exceeded with url: /decide?key={KEY} (Caused by X)",
            "Max retries exceeded with url: /decide?*** (Caused by X)",
        ),
        (f"'https://x/a?k={KEY}' failed", "'https://x/a?***' failed"),
        ("Is this so? Yes, and/or no.", "Is this so? Yes, and/or no."),
        ("me@example.com", "me@example.com"),
        (f"what?see=http://x/?{KEY} (or /y?{KEY})", "what?see=http://x/?*** (or /y?***)"),
        (f"https://x/{'a' * 3000}?{KEY}", f"https://x/{'a' * 3000}?***"),
        ("see https://x.example.com/path#part", "see https://x.example.com/path#part"),
    ],
)
def test_addresses_are_shown_without_their_secrets(text: str, shown: str) -> None:
    assert masked(text) == shown


@override_settings(CRON_PING_URL=f"https://hc.example.com/{KEY}", CSV_PROCESSOR=f"https://x.example.com/decide?{KEY}")
def test_what_the_settings_hold_is_hidden_in_parts_too() -> None:
    assert masked(f"no answer from /{KEY}/fail") == "no answer from ***/fail"
    assert masked(f"asked with {KEY}") == "asked with ***"


def test_lines_and_traces_of_the_log_are_masked() -> None:
    assert product.LOGGING["formatters"]["line"]["class"] == "config.masking.addresses.MaskingFormatter"
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(MaskingFormatter("{message}", style="{"))
    log = logging.Logger("of this test")
    log.addHandler(handler)
    try:
        raise OSError(f"https://x/?key={KEY}")
    except OSError:
        log.exception("asking https://x/?key=%s", KEY)
    assert KEY not in stream.getvalue()
    assert stream.getvalue().count("https://x/?***") >= 2


@pytest.mark.no_database
@pytest.mark.parametrize("piece", ["a://", "(/", "=/a", "eyJ", "eyJ-", "eyJaaaaa.", "a@b.", "'a", "/?x ", "?", "x"])
def test_no_line_takes_long_whoever_has_written_it(piece: str) -> None:
    """Whatever address a stranger asks for is logged where nothing is found, and a head may have 32 kB."""
    record = logging.makeLogRecord({"msg": f"Not Found: /{piece * 30_000}"[:30_000]})
    formatter = MaskingFormatter("{message}", style="{")
    began = time.thread_time()
    formatter.format(record)
    assert time.thread_time() - began < 0.25


@pytest.mark.no_database
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"Bearer eyJhbGciOi.eyJzdWIiOi.{KEY}", "Bearer ***"),
        (f"token=eyJhbGciOi.eyJzdWIiOi.{KEY}&a=b.c", "token=***&a=b.c"),
        (f"x-eyJhbGciOi.{KEY}.{KEY}.x", "x-***.x"),
        (f"a-word-in.eyJhbGciOi.eyJzdWIiOi.{KEY}", "a-word-in.***"),
        (f"eyJ{'a' * 3000}.{KEY}.{KEY} and eyJhbGciOi.{KEY}.{KEY}", "*** and ***"),
        ("eyJ.eyJhbGciOi.x and config.masking.addresses", "eyJ.eyJhbGciOi.x and config.masking.addresses"),
    ],
)
def test_nothing_that_signs_somebody_in_stands_in_the_log(text: str, shown: str) -> None:
    assert MaskingFormatter("{message}", style="{").format(logging.makeLogRecord({"msg": text})) == shown


@pytest.mark.parametrize("name", ["PUBLIC_URL", "CSV_PROCESSOR"])
def test_an_address_that_is_refused_is_shown_without_its_secrets(monkeypatch: Any, name: str) -> None:
    monkeypatch.setenv(name, f"ftp://me:{KEY}@x.example.com/?key={KEY}")
    with pytest.raises(ImproperlyConfigured, match=name) as refused:
        env.url(name, "")
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("value", [f"postgresql://desk:{KEY}/x@db:5432/desk", f"sqlite://me:{KEY}@x/y"])
def test_an_address_of_the_database_that_cannot_be_read_is_not_shown(monkeypatch: Any, value: str) -> None:
    monkeypatch.setenv("DATABASE_URL", value)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refused:
        env.database("DATABASE_URL", "")
    assert KEY not in str(refused.value)


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["nobody there", "hangs up", "an answer that is none", "silent"])
def test_the_key_of_the_external_system_stands_nowhere(
    reason: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("csvsync.external.remote.FIRST_PAUSE", 0.01)
    factories.ticket("PENDING")
    behaviour = {
        "hangs up": external.hangs_up,
        "an answer that is none": external.answers(b"", 500),
        "silent": external.breaks_off,
    }.get(reason, external.closes_all)
    with external_system(behaviour) as system:
        address = system.url if reason != "nobody there" else f"http://127.0.0.1:{free_port()}/decide"
        address = address.replace("://", f"://user:{KEY}@")
        with override_settings(CSV_PROCESSOR=f"{address}?key={KEY}"):
            with pytest.raises(ProcessorFailed) as failed:
                run_cycle(None)
            with pytest.raises(CommandError) as said:
                call_command("run_nightly")
            formatter = MaskingFormatter("{message}", style="{")
            log = "\n".join(formatter.format(record) for record in caplog.records)
    everything = [str(failed.value), str(said.value), log, *Run.objects.values_list("error", flat=True)]
    assert all(KEY not in text for text in everything)
    assert any("The external system did not do its part" in text for text in everything)
