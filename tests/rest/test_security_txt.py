"""`/.well-known/security.txt`, as RFC 9116 wants it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from config import env

pytestmark = pytest.mark.no_database

PATH = "/.well-known/security.txt"


@time_machine.travel(datetime(2026, 1, 31, 9, 30, tzinfo=UTC), tick=False)
def test_it_names_the_contacts_of_the_installation(settings: Any) -> None:
    settings.SECURITY_CONTACT = ["mailto:security@example.com", "https://example.com/report"]
    settings.SECURITY_POLICY = "https://example.com/policy"
    settings.PUBLIC_URL, settings.HTTPS = "https://desk.example.com", True
    answer = Client().get(PATH)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    assert answer.text == (
        "Contact: mailto:security@example.com\n"
        "Contact: https://example.com/report\n"
        "Expires: 2026-05-01T00:00:00Z\n"
        "Preferred-Languages: en\n"
        "Canonical: https://desk.example.com/.well-known/security.txt\n"
        "Policy: https://example.com/policy\n"
    )
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert Client().head(PATH).status_code == 200
    assert Client().post(PATH).status_code == 405


def test_over_plain_http_it_names_no_canonical_address(settings: Any) -> None:
    settings.SECURITY_CONTACT, settings.SECURITY_POLICY = ["mailto:security@example.com"], ""
    settings.PUBLIC_URL, settings.HTTPS = "http://localhost:8080", False
    fields = [line.partition(":")[0] for line in Client().get(PATH).text.splitlines()]
    assert fields == ["Contact", "Expires", "Preferred-Languages"]


def test_without_a_contact_there_is_none(settings: Any) -> None:
    settings.SECURITY_CONTACT = []
    answer = Client().get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_contacts_are_mail_addresses_and_secure_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECURITY_CONTACT", "security@example.com, https://example.com/report ,")
    assert env.contacts("SECURITY_CONTACT") == ["mailto:security@example.com", "https://example.com/report"]


@pytest.mark.parametrize("value", ["http://example.com/report", "Jane", "https://", "mailto:x@example.com\n"])
def test_a_bad_contact_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SECURITY_CONTACT", value)
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT"):
        env.contacts("SECURITY_CONTACT")


@pytest.mark.parametrize("value", ["http://example.com/policy", "policy", "https://"])
def test_a_bad_policy_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SECURITY_POLICY", value)
    with pytest.raises(ImproperlyConfigured, match="SECURITY_POLICY"):
        env.secure_url("SECURITY_POLICY")
