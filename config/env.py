"""Reading and checking environment variables.

A bad value raises ImproperlyConfigured with the name of the variable and what would be right, so that a wrong
installation stops at its start and not at its first request.

The package environs was looked at and left: it would replace only the simplest readers, at the price of two more
packages, and its errors name the variable but not what to write instead.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import re
import secrets
import sys
from datetime import time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit, urlunsplit

import dj_database_url
import idna
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email
from dotenv import dotenv_values, load_dotenv

from config.masking.patterns import without_secrets

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")

log = logging.getLogger("config.env")

SECRET_MIN_LENGTH = 32
PLACEHOLDER_STARTS = (
    "changeme",
    "change-me",
    "replace-me",
    "replaceme",
    "secret",
    "your-",
    "your_",
    "example",
    "placeholder",
)
DURATION_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
MAX_DURATION_SECONDS = 100 * 365 * 24 * 3600  # beyond it, dates would leave the calendar

# Parameters of a database address that only Prisma, the earlier service's driver, understands.
PRISMA_PARAMETERS = {
    "schema",
    "connection_limit",
    "pool_timeout",
    "pgbouncer",
    "statement_cache_size",
    "socket_timeout",
    "sslidentity",
    "sslpassword",
    "sslaccept",
}

# `timeout` and `reconnect_timeout` are in seconds: how long one waits for a connection before one asks again
# (config/database/postgresql/base.py), and for how long the pool goes on by itself to try and make one. It waits longer
# from try to try, and once it has given up it begins anew only when somebody asks, whoever may be waiting.
POOL = {"min_size": 1, "max_size": 16, "timeout": 0.5, "max_waiting": 32, "reconnect_timeout": 0.5}

# Of libpq: a connection whose other end has gone without a word is given up after some seconds instead of minutes.
CONNECTION = {
    "connect_timeout": 3,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
    "tcp_user_timeout": 10_000,
}

type Network = ipaddress.IPv4Network | ipaddress.IPv6Network


# The variables that have been asked for, whichever setting they belong to.
_read: set[str] = set()


def values_read() -> dict[str, str]:
    """What the environment says of each variable that a setting has asked for; empty where it is unset."""
    return {name: text(name) for name in sorted(_read)}


def text(name: str, default: str = "") -> str:
    """The variable without surrounding space; `default` where it is unset or empty."""
    _read.add(name)
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if not value:
        return default
    if value in ("1", "true", "yes", "on"):
        return True
    if value in ("0", "false", "no", "off"):
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; write 1 or 0.")


def integer(name: str, default: int, *, minimum: int, maximum: int) -> int:
    value = text(name)
    if not value:
        return default
    if not re.fullmatch(r"[0-9]{1,12}", value) or not minimum <= int(value) <= maximum:
        raise ImproperlyConfigured(f"{name} is {value!r}; write a whole number from {minimum} to {maximum}.")
    return int(value)


def duration(name: str, default: str, *, may_be_none: bool = False) -> timedelta:
    """A length of time such as `90`, `15m` or `1d`; a bare number is seconds. 0 only where it `may_be_none`."""
    value = text(name, default)
    match = re.fullmatch(r"([0-9]{1,9})\s*([smhdw]?)", value)
    if not match or (int(match[1]) == 0 and not may_be_none):
        raise ImproperlyConfigured(f"{name} is {value!r}; write a number and one of s, m, h, d, w, such as 1d.")
    seconds = int(match[1]) * DURATION_UNITS[match[2] or "s"]
    if seconds > MAX_DURATION_SECONDS:
        raise ImproperlyConfigured(f"{name} is {value!r}; write at most a hundred years.")
    return timedelta(seconds=seconds)


def time_of_day(name: str, default: str) -> time:
    """A time such as `07:00`, of no time zone."""
    value = text(name, default)
    match = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", value)
    if not match:
        raise ImproperlyConfigured(f"{name} is {value!r}; write hours and minutes, such as 07:00.")
    return time(int(match[1]), int(match[2]))


def comma_separated(name: str) -> list[str]:
    """The parts of a comma-separated value, empty ones left out."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def mail_addresses(name: str) -> list[str]:
    """Addresses such as `ops@example.com, night@example.com`."""
    found = comma_separated(name)
    for value in found:
        try:
            validate_email(value)
        except ValidationError:
            raise ImproperlyConfigured(f"{name} has {value!r}; write addresses such as ops@example.com.") from None
    return found


def contacts(name: str) -> list[str]:
    """How to reach somebody, as RFC 9116 writes it: mail addresses become `mailto:`, pages stay https addresses."""
    found = []
    for value in comma_separated(name):
        parts = urlsplit(value)
        if parts.scheme == "https" and parts.hostname:
            found.append(value)
            continue
        try:
            validate_email(value)
        except ValidationError:
            wanted = "write addresses such as security@example.com or https://example.com/security"
            raise ImproperlyConfigured(f"{name} has {value!r}; {wanted}.") from None
        found.append(f"mailto:{value}")
    return found


def origins(*names: str) -> list[str]:
    """Origins (`https://desk.example.com`) from comma-separated variables, without trailing slash or repetition."""
    found: dict[str, None] = {}
    for name in names:
        for value in comma_separated(name):
            parts = urlsplit(value.rstrip("/"))
            if parts.scheme not in ("http", "https") or not parts.netloc or parts.path or parts.query or parts.fragment:
                shown = without_secrets(value)
                raise ImproperlyConfigured(f"{name} has {shown!r}; write origins such as https://desk.example.com.")
            found[f"{parts.scheme}://{_as_browsers_write(parts)}"] = None
    return list(found)


def networks(name: str) -> list[Network]:
    """Addresses or networks such as `10.0.0.1, 10.1.0.0/16`."""
    try:
        return [ipaddress.ip_network(value, strict=False) for value in comma_separated(name)]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}; write addresses or networks such as 10.0.0.0/8.") from None


def url(name: str, default: str) -> str:
    """An absolute http or https address, without trailing slash."""
    value = text(name, default).rstrip("/")
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        shown = without_secrets(value)
        raise ImproperlyConfigured(f"{name} is {shown!r}; write an address such as https://desk.example.com.")
    return value


def secure_url(name: str) -> str:
    """An absolute https address, or nothing."""
    value = text(name) and url(name, "")
    if value and not value.startswith("https://"):
        raise ImproperlyConfigured(f"{name} is {without_secrets(value)!r}; write an address that begins with https://.")
    return value


def site(name: str, default: str) -> str:
    """As `url`, of a site that stands at the root of its host."""
    value = url(name, default)
    parts = urlsplit(value)
    if parts.path or parts.query or parts.fragment or parts.username is not None:
        shown = without_secrets(value)
        raise ImproperlyConfigured(f"{name} is {shown!r}; write no more than scheme, host and port.")
    return f"{parts.scheme}://{_as_browsers_write(parts)}"


def _as_browsers_write(parts: SplitResult) -> str:
    """Host and port as in an Origin or Host header: ASCII, without the port that the scheme implies."""
    netloc = parts.netloc.lower().removesuffix({"http": ":80", "https": ":443"}[parts.scheme])
    host, colon, port = netloc.partition(":")
    if netloc.isascii():  # also every address of IPv6
        return netloc
    try:
        return idna.encode(host, uts46=True).decode() + colon + port
    except idna.IDNAError:
        return netloc


def host_of(address: str) -> str:
    """The host of an absolute address, as it stands in a Host header."""
    host = urlsplit(address).hostname or ""
    return f"[{host}]" if ":" in host else host


def url_or_word(name: str, word: str) -> str:
    """An absolute address as of `url`, or this word, which is the default."""
    return word if text(name, word) == word else url(name, word)


def storage(name: str, default: str) -> dict[str, Any]:
    """One of Django's STORAGES: a folder, relative to the project's, or a backend as JSON.

    JSON is such as `{"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": {"bucket_name": "exchange"}}`.
    """
    value = text(name, default)
    if not value.startswith("{"):
        return {"BACKEND": "config.folders.PrivateFolder", "OPTIONS": {"location": BASE_DIR / value}}
    try:
        backend = json.loads(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read as JSON: {error}.") from None
    if not isinstance(backend.get("BACKEND"), str) or set(backend) - {"BACKEND", "OPTIONS"}:
        raise ImproperlyConfigured(f'{name}: write a folder, or {{"BACKEND": "a.python.Path", "OPTIONS": {{}}}}.')
    return dict(backend)


# Host and port, or the path of a socket of Unix.
type SocketAddress = tuple[str, int] | str


def socket_address(name: str) -> SocketAddress | None:
    """`host:port` or `unix:/absolute/path`; None where unset."""
    value = text(name)
    if not value:
        return None
    path = value.removeprefix("unix:")
    if path != value and path.startswith("/"):
        return path
    try:
        parts = urlsplit(f"//{value}")
        host, port, is_more = parts.hostname, parts.port, parts.netloc != value or "@" in value
    except ValueError:
        host, port, is_more = None, None, True
    if not host or not port or is_more:
        raise ImproperlyConfigured(f"{name} is {value!r}; write an address such as localhost:3310 or unix:/run/x.sock.")
    return host, port


def mailer(name: str) -> dict[str, Any] | None:
    """Django's mailer for `smtp://user:password@host:587` or `smtps://…` (TLS from the start); None where unset.

    `smtp` turns to TLS before anything is said, unless the address ends in `?tls=0`.
    """
    value = text(name)
    if not value:
        return None
    parts = urlsplit(value)
    try:
        port = parts.port
    except ValueError:
        port = 0
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or port == 0:
        raise ImproperlyConfigured(f"{name}: write smtp://user:password@host:587 or smtps://user:password@host:465.")
    options = {
        "host": parts.hostname,
        "port": port or (465 if parts.scheme == "smtps" else 587),
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp" and dict(parse_qsl(parts.query)).get("tls") != "0",
        "use_ssl": parts.scheme == "smtps",
        "timeout": 10,
    }
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}


def database(name: str, default: str) -> dict[str, Any]:
    """Django's settings for the database that the variable names.

    SQLite takes its write lock when a transaction begins (IMMEDIATE), since a read that later turns into a write
    would fail at once when another writer came between; `timeout` is in seconds, and how they are waited stands in
    config/database/sqlite3/waiting.py. PostgreSQL connections are pooled in each process, or may be pooled behind it:
    no cursor of the server is used, which would not outlive its transaction there.
    """
    value = text(name, default)
    parts = urlsplit(value)
    if parts.scheme == "sqlite":
        path = parts.path.removeprefix("/")
        if not path or parts.netloc:
            shown = without_secrets(value)
            raise ImproperlyConfigured(f"{name} is {shown!r}; write sqlite:////absolute/path or sqlite:///relative.")
        return {
            "ENGINE": "config.database.sqlite3",
            "NAME": BASE_DIR / path,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 5,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme not in ("postgresql", "postgres"):
        raise ImproperlyConfigured(f"{name} must begin with postgresql:// or sqlite:///.")
    query = parse_qsl(parts.query, keep_blank_values=True)
    dropped = [key for key, _ in query if key in PRISMA_PARAMETERS]
    if dropped:
        log.warning("%s: dropped %s, which only Prisma knows.", name, ", ".join(dropped))
    kept = urlencode([(key, val) for key, val in query if key not in PRISMA_PARAMETERS])
    try:
        config: dict[str, Any] = dict(dj_database_url.parse(urlunsplit(parts._replace(query=kept))))
    except ValueError:
        # What it says may be a part of the password.
        hint = "write postgresql://user:password@host:5432/name, with what is special in the password as %2F and so on"
        raise ImproperlyConfigured(f"{name} cannot be read; {hint}.") from None
    pool = {"pool": POOL} if flag("DATABASE_POOL", True) else {}
    config["OPTIONS"] = {**CONNECTION, **config.get("OPTIONS", {}), **pool}
    return config | {"ENGINE": "config.database.postgresql", "DISABLE_SERVER_SIDE_CURSORS": True}


def weakness(value: str) -> str | None:
    """What makes a secret unfit, in words that follow its name; None for a good one."""
    if not value:
        return "is missing"
    if value.lower().startswith(PLACEHOLDER_STARTS) or value in _example_values():
        return "is a placeholder"
    if len(value) < SECRET_MIN_LENGTH:
        return f"is shorter than {SECRET_MIN_LENGTH} characters"
    return None


def weak_secrets() -> dict[str, str]:
    """The secrets that must not serve, each with what is wrong; only JWT_SECRET has to be there at all."""
    found = {name: weakness(text(name)) for name in ("JWT_SECRET", "SECRET_KEY", "CRON_SECRET")}
    return {name: problem for name, problem in found.items() if problem and (text(name) or name == "JWT_SECRET")}


def require_strong_secrets() -> None:
    """Raise ImproperlyConfigured that names each weak secret. Called where a server starts; commands need none."""
    if problems := weak_secrets():
        listed = "; ".join(f"{name} {problem}" for name, problem in problems.items())
        hint = 'python -c "import secrets; print(secrets.token_urlsafe(48))"'
        raise ImproperlyConfigured(
            f"{listed}. Set it in the environment or in .env, for example to the output of: {hint}"
        )


def make_throwaway_secrets() -> None:
    """Replace weak secrets by random ones for this process and its children, and say so on standard error."""
    for name, problem in weak_secrets().items():
        os.environ[name] = secrets.token_urlsafe(48)
        print(f"{name} {problem}: using a throwaway one, so sign-ins end with this process.", file=sys.stderr)


def _example_values() -> set[str]:
    example = BASE_DIR / ".env.example"
    if not example.exists():
        return set()
    return {value for value in dotenv_values(example, interpolate=False).values() if value}
