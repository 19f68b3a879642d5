"""The external system behind HTTP: it is sent the export, and its answer goes into the import like any other file.

Nothing about it is trusted: not its time, nor the size, form or honesty of what it sends. The secret goes to the one
address of the setting, so redirects are not followed.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO

import requests
from django.conf import settings
from django.utils.translation import gettext as _
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError, ReadTimeoutError

from config.masking.addresses import masked
from csvsync.errors import ProcessorFailed
from csvsync.files import temporary

log = logging.getLogger(__name__)

ATTEMPTS = 4
FIRST_PAUSE = 1.0  # seconds; doubled each time
LONGEST_PAUSE = 60.0
CONNECT_SECONDS = 10.0
BYTES_AT_ONCE = 64 * 1024
# Sent a second time, they have the same effect: each attempt carries the run's id as its idempotency key.
WORTH_RETRYING = {
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
}


class _Bearer(AuthBase):
    """Sends the token. It is an object, since requests would let a .netrc file win over a header."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.secret:
            request.headers["Authorization"] = f"Bearer {self.secret}"
        return request


class _Retry(Exception):
    """What went wrong may be over soon; `pause` is what the other side asked for, in seconds."""

    def __init__(self, problem: str, pause: float | None = None) -> None:
        super().__init__(problem)
        self.pause = pause


@dataclass(frozen=True, slots=True)
class RemoteProcessor:
    """`deadline` holds for everything together, in seconds; `max_size` for the answer, in bytes."""

    url: str
    secret: str
    deadline: float
    max_size: int

    @classmethod
    def from_settings(cls) -> RemoteProcessor:
        return cls(
            settings.CSV_PROCESSOR,
            settings.CSV_PROCESSOR_SECRET,
            settings.CSV_PROCESSOR_TIMEOUT.total_seconds(),
            settings.CSV_UPLOAD_MAX_MB * 1_000_000,
        )

    def process(self, exported: IO[bytes], run_id: uuid.UUID) -> IO[bytes]:
        """The answer to this export. Raises ProcessorFailed.

        A time limit of the connection alone is none: an answer may drip. So the work is left to a thread, which is
        given up when its time is over and ends by itself at its next sign of life.
        """
        call = _Call(self, exported, run_id)
        thread = threading.Thread(target=call.run, name="external-system", daemon=True)
        thread.start()
        thread.join(self.deadline)
        answer = call.give_up()
        if isinstance(call.error, ProcessorFailed):
            raise call.error
        if call.error is not None:
            raise ProcessorFailed(_failed(str(call.error))) from call.error
        if answer is None:
            raise ProcessorFailed(_failed(_took_too_long(self.deadline)))
        return answer


class _Call:
    """One exchange with all its attempts."""

    def __init__(self, processor: RemoteProcessor, exported: IO[bytes], run_id: uuid.UUID) -> None:
        self.processor = processor
        self.exported = exported
        self.ends_at = time.monotonic() + processor.deadline
        self.headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Accept": "text/csv",
            "Accept-Encoding": "identity",  # or the size of the answer could not be bounded before it is unpacked
            "Idempotency-Key": str(run_id),
            "User-Agent": "service-ticket",
        }
        self.given_up = threading.Event()
        self.handing_over = threading.Lock()
        self.answer: IO[bytes] | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            answer = self._with_retries()
            with self.handing_over:
                if self.given_up.is_set():
                    answer.close()  # nobody waits for it any more
                else:
                    self.answer = answer
        except BaseException as error:  # noqa: BLE001 - it is raised again by who waits for this thread
            self.error = error

    def give_up(self) -> IO[bytes] | None:
        """The answer, where it is there; one that comes later is thrown away."""
        with self.handing_over:
            self.given_up.set()
            return self.answer

    def _with_retries(self) -> IO[bytes]:
        """Tries, with growing pauses. Raises ProcessorFailed.

        urllib3's Retry would be less code, but it ends with the head of an answer, and one that breaks off in its body
        has to be asked for again as well. Nor does it know of a deadline for all attempts together, and nobody could
        wake it from its pauses.
        """
        pause = FIRST_PAUSE
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._attempt()
            except _Retry as error:
                wait = min(error.pause if error.pause is not None else pause, LONGEST_PAUSE)
                if attempt == ATTEMPTS or time.monotonic() + wait > self.ends_at:
                    raise ProcessorFailed(_failed(str(error))) from error
                log.warning("The external system: %s. Trying again in %.0f s.", error, wait)
                if self.given_up.wait(wait):
                    break
                pause *= 2
        raise ProcessorFailed(_failed(_("it was given up")))

    def _attempt(self) -> IO[bytes]:
        self.exported.seek(0)
        try:
            with (
                requests.Session() as session,
                session.post(
                    self.processor.url,
                    data=self.exported,
                    headers=self.headers,
                    auth=_Bearer(self.processor.secret),
                    # However long it takes to decide: the one limit is the deadline of all this.
                    timeout=(CONNECT_SECONDS, max(self.ends_at - time.monotonic(), 0.001)),
                    allow_redirects=False,
                    stream=True,
                ) as response,
            ):
                _judge(response)
                return self._read(response)
        except requests.exceptions.SSLError as error:
            raise ProcessorFailed(
                _failed(_("its certificate is not trusted (%(error)s)") % {"error": error})
            ) from error
        except (requests.ReadTimeout, ReadTimeoutError) as error:
            # It was sent everything and may still be at work on it; nor is any time left for another try.
            raise ProcessorFailed(_failed(_took_too_long(self.processor.deadline))) from error
        except (requests.ConnectionError, requests.Timeout, HTTPError, OSError) as error:
            raise _Retry(str(error)) from error

    def _read(self, response: requests.Response) -> IO[bytes]:
        """The body as it comes, within the limits of size and time."""
        with temporary.handed_on(temporary.new_file()) as answer:
            self._read_into(answer, response)
        return answer

    def _read_into(self, answer: IO[bytes], response: requests.Response) -> None:
        size = 0
        while block := response.raw.read1(BYTES_AT_ONCE):
            size += len(block)
            if size > self.processor.max_size:
                limit = _("its answer is larger than %(limit)d MB") % {"limit": self.processor.max_size // 1_000_000}
                raise ProcessorFailed(_failed(limit))
            if self.given_up.is_set():
                raise ProcessorFailed(_failed(_("it was given up")))
            answer.write(block)
        declared = response.headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) != size:
            raise _Retry(_("its answer ended too early"))


def _judge(response: requests.Response) -> None:
    """Raises _Retry or ProcessorFailed unless it is an answer worth reading."""
    status = response.status_code
    problem = _("it answered with status %(status)d") % {"status": status}
    if status in WORTH_RETRYING:
        raise _Retry(problem, _retry_after(response))
    if status not in (HTTPStatus.OK, HTTPStatus.CREATED):
        if response.is_redirect:
            problem = _("it redirects, which is not followed; set CSV_PROCESSOR to its final address")
        raise ProcessorFailed(_failed(problem))
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise ProcessorFailed(_failed(_("its answer is compressed, which was not asked for")))


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 8 else None


def _took_too_long(seconds: float) -> str:
    return _("it took longer than %(seconds)d seconds") % {"seconds": seconds}


def _failed(problem: str) -> str:
    return _("The external system did not do its part: %(problem)s.") % {"problem": masked(problem)}
