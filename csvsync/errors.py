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


class FileMissing(InvalidCsv):
    """Nothing was sent that could be read."""


class CycleRunning(DomainError):
    """Only one cycle runs at a time."""

    status = HTTPStatus.CONFLICT
    code = "cycle_running"


class ProcessorFailed(DomainError):
    """The external system gave no answer that can be used. Nothing was changed here."""

    status = HTTPStatus.BAD_GATEWAY
    code = "processor_failed"


class RunNotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "run_not_found"
    message = _("There is no such run.")


class FileNotKept(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "file_not_kept"
    message = _("The file of this run is not kept, or not any more.")


class NotADryRun(DomainError):
    code = "not_a_rehearsal"
    message = _("Only a dry run (an import with dryRun=true) can be applied.")


class RunLost(DomainError):
    """A run that was taken for dead meanwhile must not take effect."""

    status = HTTPStatus.CONFLICT
    code = "run_lost"
    message = _("This run gave no sign of life for so long that it was given up. It has changed nothing; begin again.")


class CronSecretMissing(DomainError):
    status = HTTPStatus.UNAUTHORIZED
    code = "cron_secret_not_configured"
    message = _("CRON_SECRET not configured")


class CronSecretWrong(DomainError):
    status = HTTPStatus.UNAUTHORIZED
    code = "invalid_cron_secret"
    message = _("Invalid cron secret")
