"""The secret by which schedulers are let in, which have no account."""

from __future__ import annotations

import hmac

from django.conf import settings
from rest_framework.request import Request

from csvsync.errors import CronSecretMissing, CronSecretWrong


def require_cron_secret(request: Request) -> None:
    """Raises CronSecretMissing or CronSecretWrong. One right header suffices, whatever the other holds."""
    secret = settings.CRON_SECRET.encode()
    if not secret:
        raise CronSecretMissing
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    offered = [request.headers.get("x-cron-secret", ""), token if scheme.lower() == "bearer" else ""]
    # A server hands the bytes of a header on as Latin-1. All are compared, in the same time whatever they hold.
    if not any([hmac.compare_digest(text.strip().encode("latin-1", "replace"), secret) for text in offered]):  # noqa: C419
        raise CronSecretWrong
