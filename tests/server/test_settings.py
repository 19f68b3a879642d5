"""What follows from the variables of an installation: addresses, cookies, the derived key."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from tests.support.server import ROOT, server_environment

pytestmark = pytest.mark.no_database

STRONG = "hGz3kT0q9WcXyR7mVnB2sLpE5uJdA8fY"
SHOW = """
import json, sys
from config import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1].split()}))
"""


def settings_with(names: str, **variables: str) -> dict[str, Any]:
    """These settings in a process with these variables."""
    done = subprocess.run(
        [sys.executable, "-c", SHOW, names],
        cwd=ROOT,
        env=server_environment("sqlite:///unused.sqlite3", **variables),
        capture_output=True,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


SECURE = "SESSION_COOKIE_SECURE CSRF_COOKIE_SECURE LANGUAGE_COOKIE_SECURE SECURE_SSL_REDIRECT SECURE_HSTS_SECONDS"


def test_https_makes_cookies_secure_and_turns_hsts_and_the_redirect_on() -> None:
    found = settings_with(f"{SECURE} PUBLIC_URL ALLOWED_HOSTS", PUBLIC_URL="https://Desk.example.com/", PORT="9000")
    assert found.pop("PUBLIC_URL") == "https://desk.example.com"
    assert "desk.example.com" in found.pop("ALLOWED_HOSTS")
    assert found.pop("SECURE_HSTS_SECONDS") >= 180 * 24 * 3600
    assert set(found.values()) == {True}


def test_plain_http_leaves_them_off() -> None:
    found = settings_with(f"{SECURE} PUBLIC_URL", PUBLIC_URL="", PORT="9000")
    assert found.pop("PUBLIC_URL") == "http://localhost:9000"
    assert not any(found.values())


def test_further_hosts_are_allowed_beside_loopback() -> None:
    hosts = settings_with("ALLOWED_HOSTS", ALLOWED_HOSTS="a.example.com, b.example.com")["ALLOWED_HOSTS"]
    assert {"a.example.com", "b.example.com", "localhost", "127.0.0.1", "[::1]"} <= set(hosts)


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://desk.example.com:8443", "desk.example.com"), ("http://[2001:DB8::1]:8080", "[2001:db8::1]")],
)
def test_the_public_host_is_written_as_in_a_host_header(address: str, host: str) -> None:
    assert env.host_of(address) == host


@pytest.mark.parametrize(
    "value",
    ["desk.example.com", "https://desk.example.com/desk", "https://x.example.com?a=b", "ftp://x", "https://u@x"],
)
def test_a_bad_public_url_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PUBLIC_URL", value)
    with pytest.raises(ImproperlyConfigured, match="PUBLIC_URL"):
        env.site("PUBLIC_URL", "http://localhost")


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("", None),
        ("localhost:3310", ("localhost", 3310)),
        ("[::1]:3310", ("::1", 3310)),
        ("unix:/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
    ],
)
def test_a_socket_has_an_address(monkeypatch: pytest.MonkeyPatch, value: str, address: object) -> None:
    monkeypatch.setenv("CLAMD", value)
    assert env.socket_address("CLAMD") == address


@pytest.mark.parametrize(
    "value", ["localhost", "localhost:x", "localhost:0", "tcp://localhost:3310", "unix:x", "a@b:1"]
)
def test_a_bad_address_of_a_socket_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CLAMD", value)
    with pytest.raises(ImproperlyConfigured, match="CLAMD is"):
        env.socket_address("CLAMD")


def test_the_secret_key_is_derived_from_the_jwt_secret_unless_set() -> None:
    first = settings_with("SECRET_KEY", JWT_SECRET=STRONG, SECRET_KEY="")["SECRET_KEY"]
    assert first == settings_with("SECRET_KEY", JWT_SECRET=STRONG)["SECRET_KEY"] != STRONG
    assert first != settings_with("SECRET_KEY", JWT_SECRET=STRONG[::-1])["SECRET_KEY"]
    assert settings_with("SECRET_KEY", JWT_SECRET=STRONG, SECRET_KEY=STRONG[::-1])["SECRET_KEY"] == STRONG[::-1]


def test_what_prisma_alone_knows_is_dropped_with_a_line_on_standard_error() -> None:
    """The line is written even before logging is set up: the address is read first."""
    url = "postgresql://u:secretword@h/desk?schema=public&connection_limit=5"
    done = subprocess.run(
        [sys.executable, "-c", SHOW, "PORT"],
        cwd=ROOT,
        env=server_environment(url),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "DATABASE_URL: dropped schema, connection_limit, which only Prisma knows.\n"
