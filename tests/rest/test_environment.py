"""What an installation decides by its environment, and what it is told about a bad value."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from config import env
from tests.support.client import ApiClient, assert_error
from tests.support.patience import PATIENCE
from tests.support.programs import python
from tests.support.server import ROOT

STRONG = "hGz3kT0q9WcXyR7mVnB2sLpE5uJdA8fY"


# --- DATABASE_URL


def database(monkeypatch: pytest.MonkeyPatch, value: str) -> dict[str, Any]:
    monkeypatch.setenv("DATABASE_URL", value)
    return env.database("DATABASE_URL", "sqlite:///db.sqlite3")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("", ROOT / "db.sqlite3"),
        ("  ", ROOT / "db.sqlite3"),
        ("sqlite:///desk.sqlite3", ROOT / "desk.sqlite3"),
        ("sqlite:///var/desk.sqlite3", ROOT / "var/desk.sqlite3"),
        ("sqlite:////srv/desk.sqlite3", Path("/srv/desk.sqlite3")),
    ],
)
def test_sqlite_stands_in_the_project_or_at_an_absolute_path(
    monkeypatch: pytest.MonkeyPatch, value: str, path: Path
) -> None:
    config = database(monkeypatch, value)
    assert config["ENGINE"] == "config.database.sqlite3"
    assert Path(config["NAME"]) == path
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_postgresql(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    config = database(monkeypatch, f"{scheme}://ana:p%40ss%2Fw%23rd@db.example.com:5433/desk?sslmode=require")
    assert config["ENGINE"] == "config.database.postgresql"
    assert {name: config[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")} == {
        "USER": "ana",
        "PASSWORD": "p@ss/w#rd",
        "HOST": "db.example.com",
        "PORT": 5433,
        "NAME": "desk",
    }
    assert config["OPTIONS"]["sslmode"] == "require"


def test_what_only_prisma_knows_is_dropped_with_a_log_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        config = database(
            monkeypatch,
            "postgresql://u:secretword@h/desk?schema=public&connection_limit=5&pool_timeout=2&pgbouncer=true"
            "&application_name=desk",
        )
    assert config["OPTIONS"]["application_name"] == "desk"
    assert {"schema", "connection_limit", "pool_timeout", "pgbouncer"} & set(config["OPTIONS"]) == set()
    [record] = [record for record in caplog.records if "DATABASE_URL" in record.getMessage()]
    assert "schema" in record.getMessage()
    assert "connection_limit" in record.getMessage()
    assert "secretword" not in record.getMessage()


@pytest.mark.parametrize(
    "value",
    [
        "mysql://h/d",
        "desk.sqlite3",
        "/srv/desk.sqlite3",
        "sqlite://desk.sqlite3",
        "sqlite://",
        "sqlite:///",
        "x",
        "http://h/d",
    ],
)
def test_another_address_of_a_database_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        database(monkeypatch, value)


@pytest.mark.parametrize("value", ["postgresql://u:secretword@h:port/d", "mysql://u:secretword@h/d"])
def test_a_refusal_does_not_repeat_the_password(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refusal:
        database(monkeypatch, value)
    assert "secretword" not in str(refusal.value)


# --- JWT_EXPIRES_IN and the rest


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", 86_400),
        ("1d", 86_400),
        ("90", 90),
        ("90s", 90),
        ("15m", 900),
        ("2h", 7_200),
        ("7d", 604_800),
        ("2w", 1_209_600),
        (" 1h ", 3_600),
    ],
)
def test_how_long_a_token_lives(monkeypatch: pytest.MonkeyPatch, value: str, seconds: int) -> None:
    monkeypatch.setenv("JWT_EXPIRES_IN", value)
    assert env.duration("JWT_EXPIRES_IN", "1d") == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "0d",
        "-1",
        "-1d",
        "1y",
        "1.5h",
        "d",
        "soon",
        "1d2h",
        "1e3",
        "1 day",
        "٣d",
        "9" * 30,
        "999999999w",
        "999999999d",
    ],
)
def test_a_bad_lifetime_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("JWT_EXPIRES_IN", value)
    with pytest.raises(ImproperlyConfigured, match="JWT_EXPIRES_IN"):
        env.duration("JWT_EXPIRES_IN", "1d")


def test_origins_of_both_variables_count_without_trailing_slash(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FRONT_END_URL", "https://app.example.com/, http://localhost:3000")
    monkeypatch.setenv("CORS_ORIGIN", " https://app.example.com ,, https://OTHER.example.com/ ")
    assert env.origins("FRONT_END_URL", "CORS_ORIGIN") == [
        "https://app.example.com",
        "http://localhost:3000",
        "https://other.example.com",
    ]


@pytest.mark.parametrize("value", ["*", "app.example.com", "https://app.example.com/path", "ftp://x", "https://"])
def test_a_bad_origin_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("CORS_ORIGIN", value)
    with pytest.raises(ImproperlyConfigured, match="CORS_ORIGIN"):
        env.origins("FRONT_END_URL", "CORS_ORIGIN")


@pytest.mark.parametrize("value", ["everyone", "10.0.0.0/99", "10.0.0", "*"])
def test_a_bad_proxy_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", value)
    with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
        env.networks("TRUSTED_PROXIES")


@pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "80.5", "٨٠٨٠"])
def test_a_bad_port_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(ImproperlyConfigured, match="PORT"):
        env.integer("PORT", 8080, minimum=1, maximum=65535)


@pytest.mark.parametrize("value", ["yes please", "2", "-1", "TRUEE"])
def test_a_bad_switch_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("DEMO", value)
    with pytest.raises(ImproperlyConfigured, match="DEMO"):
        env.flag("DEMO")


# --- Secrets


@pytest.fixture
def _good_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"JWT_SECRET": STRONG, "SECRET_KEY": "", "CRON_SECRET": ""}.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_good_secrets")
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("JWT_SECRET", ""),
        ("JWT_SECRET", "   "),
        ("JWT_SECRET", "x" * 31),
        ("JWT_SECRET", "changeme-" + STRONG),
        ("JWT_SECRET", "ChangeMe" + STRONG),
        ("JWT_SECRET", "replace-me-" + STRONG),
        ("JWT_SECRET", "secret" + STRONG),
        ("JWT_SECRET", "your-" + STRONG),
        ("JWT_SECRET", "YOUR-JWT-SECRET-GOES-HERE-PLEASE-1234"),
        ("JWT_SECRET", "replace-me-with-a-long-random-string-of-32-or-more-characters"),
        ("CRON_SECRET", "x" * 31),
        ("CRON_SECRET", "changeme-" + STRONG),
        ("CRON_SECRET", "replace-me-with-another-long-random-string-of-32-or-more-characters"),
        ("SECRET_KEY", "tiny-value"),
        ("SECRET_KEY", "secret-" + STRONG),
    ],
)
def test_a_weak_secret_is_refused_by_name_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    env.require_strong_secrets()
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name) as refusal:
        env.require_strong_secrets()
    assert not value.strip() or value not in str(refusal.value)


@pytest.mark.usefixtures("_good_secrets")
def test_every_weak_secret_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("JWT_SECRET", "SECRET_KEY", "CRON_SECRET"):
        monkeypatch.setenv(name, "tiny")
    with pytest.raises(ImproperlyConfigured, match=r"JWT_SECRET.*SECRET_KEY.*CRON_SECRET"):
        env.require_strong_secrets()


@pytest.mark.usefixtures("_good_secrets")
def test_throwaway_secrets_replace_the_weak_ones_and_say_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("JWT_SECRET", "changeme")
    env.make_throwaway_secrets()
    assert "JWT_SECRET" in capsys.readouterr().err
    env.require_strong_secrets()
    assert os.environ["CRON_SECRET"] == "", "an endpoint that was closed has been opened"


@pytest.mark.no_database
def test_the_wsgi_application_refuses_a_placeholder_by_name() -> None:
    ended = python("-c", "import config.wsgi", JWT_SECRET="changeme-" + STRONG)
    assert ended.returncode != 0
    assert "JWT_SECRET is a placeholder" in ended.stderr


@pytest.mark.no_database
def test_migrate_runs_without_any_secret(tmp_path: Path) -> None:
    bare = {"JWT_SECRET": "", "CRON_SECRET": "", "SECRET_KEY": "", "DATABASE_URL": f"sqlite:///{tmp_path}/desk.sqlite3"}
    migrated = python("manage.py", "migrate", "sessions", "-v", "0", **bare)
    assert (migrated.returncode, migrated.stderr) == (0, "")


# --- .env


@pytest.mark.no_database
def test_a_dotenv_file_is_read_and_the_real_environment_wins(tmp_path: Path) -> None:
    for name in ("__init__.py", "env.py", "masking/__init__.py", "masking/patterns.py"):
        copy = tmp_path / "config" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "config" / name, copy)
    (tmp_path / ".env").write_text('PORT=7001\nOPENAI_MODEL="from the file"\n# a comment\nCRON_SECRET=\n')
    show = "import json, os; from config import env; print(json.dumps([env.text('PORT'), env.text('OPENAI_MODEL')]))"
    variables = {name: value for name, value in os.environ.items() if name not in ("PORT", "OPENAI_MODEL")}
    ended = subprocess.run(
        [sys.executable, "-c", show],
        cwd=tmp_path,
        env={**variables, "PYTHON_DOTENV_DISABLED": "0", "PORT": "7002"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert (json.loads(ended.stdout), ended.stderr) == (["7002", "from the file"], "")


# --- Health


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/healthz", "/healthz/", "/readyz"])
@pytest.mark.parametrize("host", ["10.1.2.3:8080", "anything.example.com", "_", ""])
def test_probes_answer_under_any_host(path: str, host: str) -> None:
    response = ApiClient().get(path, HTTP_HOST=host)
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


@pytest.mark.django_db
def test_probes_are_not_sent_to_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client = ApiClient(fresh=True)
    assert client.get("/auth/me").status_code == 301
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_https_behind_a_trusted_proxy_is_https(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    client = ApiClient(fresh=True)
    forwarded = {"HTTP_X_FORWARDED_PROTO": "https"}
    assert client.get("/auth/me", REMOTE_ADDR="10.1.1.1", **forwarded).status_code == 401
    assert_error(client.get("/auth/me", REMOTE_ADDR="192.0.2.1", **forwarded), 400, "proxy_not_trusted")
    assert client.get("/auth/me", REMOTE_ADDR="192.0.2.1").status_code == 301


@pytest.mark.django_db
@pytest.mark.parametrize("app", ["tickets", "accounts", "sessions"])
def test_a_missing_migration_makes_it_not_ready(app: str) -> None:
    newest = MigrationRecorder.Migration.objects.filter(app=app).order_by("-name").first()
    assert newest is not None
    newest.delete()
    response = ApiClient().get("/readyz")
    assert_error(response, 503, "migrations_missing")
    assert int(response["Retry-After"]) > 0
    assert ApiClient().get("/healthz").status_code == 200


@pytest.mark.django_db
def test_a_migration_of_a_newer_version_does_not_matter() -> None:
    MigrationRecorder(connection).record_applied("tickets", "9999_from_the_future")
    assert ApiClient().get("/readyz").status_code == 200


@pytest.mark.no_database
def test_without_a_database_it_lives_but_is_not_ready_and_says_503(tmp_path: Path) -> None:
    show = """
import json, django
django.setup()
from django.test import Client
client = Client(raise_request_exception=False, headers={"host": "localhost"})
login = {"email": "a@example.com", "password": "b"}
answers = [client.get("/healthz"), client.get("/readyz"), client.post("/auth/login", login, "application/json")]
print(json.dumps([[a.status_code, a.headers.get("Retry-After"), a.json().get("code")] for a in answers]))
"""
    ended = python(
        "-c",
        show,
        DATABASE_URL=f"sqlite:///{tmp_path}/no/such/folder/desk.sqlite3",
        DJANGO_SETTINGS_MODULE="config.settings",
    )
    assert json.loads(ended.stdout or "[]") == [
        [200, None, None],
        [503, "5", "database_unavailable"],
        [503, "5", "database_unavailable"],
    ], ended.stderr
