"""Waking who sends mails."""

from __future__ import annotations

from datetime import datetime


def wake(due_at: datetime) -> None:
    """Something has to be mailed at this time. Called once in each transaction that tells of such a thing, at its end.

    Mails are sent by `manage.py mail_inbox`, which looks by itself from time to time.
    """
