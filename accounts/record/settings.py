"""Settings that differ from the last start.

The newest entry of this kind holds the state that the next start is compared with: what is harmless as it is, and of
everything else a digest that needs SECRET_KEY, so that whoever reads the record cannot find a short password by trying.
A setting that is new counts as secret until somebody adds it to SHOWN.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from accounts.models import AuditEntry
from accounts.record.acts import By, record
from config import env
from config.database.turns import take_turns
from config.masking.patterns import without_secrets

SHOWN = frozenset(
    {
        "ALLOWED_HOSTS",
        "ATTACHMENT_MAX_MB",
        "CORS_ORIGIN",
        "CRON_FAILURE_MAIL",
        "CSV_KEEP_DAYS",
        "CSV_PROCESSOR_TIMEOUT",
        "CSV_UPLOAD_MAX_MB",
        "DATABASE_POOL",
        "DEBUG",
        "DEMO",
        "FRONT_END_URL",
        "JWT_EXPIRES_IN",
        "MAIL_DIGEST_AT",
        "MAIL_GATHER",
        "NIGHTLY_WITHIN",
        "OPENAI_CALLS_PER_MINUTE",
        "OPENAI_MODEL",
        "OPENAI_TIMEOUT_MS",
        "PORT",
        "PUBLIC_URL",
        "QUESTION_WAITS",
        "RECORD_KEEP_DAYS",
        "REQUESTS_PER_MINUTE",
        "REVIEW_WITHIN",
        "TICKET_ATTACHMENTS_MAX_MB",
        "TRUSTED_PROXIES",
    }
)
# No setting: under this name stands the digest of an empty text. Where it is another than at the last start, SECRET_KEY
# has changed, and the digests of settings cannot be compared with those of then.
KEY = "(key)"
CHANGED = "changed"

type State = dict[str, str]


def record_settings(values: State | None = None) -> AuditEntry | None:
    """Add an entry if the settings differ from those of the last start; None if they do not.

    Of several processes that start at once the first adds it, and the others find that nothing differs.
    """
    state = state_of(env.values_read() if values is None else values)
    with transaction.atomic():
        take_turns("settings of a start")
        last = AuditEntry.objects.filter(action=AuditEntry.Action.SETTINGS).order_by("-pk").first()
        before = last.changes["state"] if last else state
        if last and before == state:
            return None
        changes = {"changed": difference(before, state), "state": state}
        return record(By(None, "start"), AuditEntry.Action.SETTINGS, None, changes)


def state_of(values: State) -> State:
    """What is compared: `=` and the value of what is shown, `#` and a digest of all else; what is not set is absent."""
    state = {name: f"={without_secrets(value)}" for name, value in values.items() if value and name in SHOWN}
    hidden = {name: f"#{_digest(name, value)}" for name, value in values.items() if value and name not in SHOWN}
    return dict(sorted({**state, **hidden, KEY: f"#{_digest(KEY, '')}"}.items()))


def difference(before: State, after: State) -> dict[str, Any]:
    """Of each setting that differs, the old and the new value, or only that it changed.

    With another SECRET_KEY no digest is like the one before; then all that can be told of secrets is which are set now
    and were not, or the other way round.
    """
    same_key = before.get(KEY) == after.get(KEY)
    found: dict[str, Any] = {} if same_key else {"SECRET_KEY": CHANGED}
    for name in sorted({*before, *after} - {KEY}):
        old, new = before.get(name, ""), after.get(name, "")
        if old == new:
            continue
        if name in SHOWN:
            found[name] = [old[1:], new[1:]]
        elif same_key or not old or not new:
            found[name] = CHANGED
    return found


def _digest(name: str, value: str) -> str:
    keyed = salted_hmac("accounts.record.settings", f"{name}\0{value}", secret=settings.SECRET_KEY, algorithm="sha256")
    return keyed.hexdigest()[:32]
