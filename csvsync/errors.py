"""Why an exchange as a whole is refused. What is wrong with single rows is in csvsync/verdicts.py."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class InvalidCsv(DomainError):
    """The file cannot be taken at all; `problem` says what is wrong with it, where, and what to do."""

    code = "invalid_csv"
    message = _("Empty or invalid CSV")

    def __init__(self, problem: str) -> None:
        super().__init__(fields={"file": [problem]})


class CycleRunning(DomainError):
    """Only one cycle runs at a time."""

    status = HTTPStatus.CONFLICT
    code = "cycle_running"


class CronSecretMissing(DomainError):
    status = HTTPStatus.UNAUTHORIZED
    code = "cron_secret_not_configured"
    message = _("CRON_SECRET not configured")


class CronSecretWrong(DomainError):
    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_cron_secret"
    message = _("Invalid cron secret")
