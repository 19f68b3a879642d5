"""What the server asks the application about a request before its body is read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from http import HTTPStatus
from typing import Any, Protocol

type Environ = dict[str, Any]
type Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is there as a whole."""

    status: str  # such as `404 Not Found`
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""


class Refusal(Enum):
    """Why the server itself refuses a request."""

    MALFORMED = HTTPStatus.BAD_REQUEST
    TOO_SLOW = HTTPStatus.REQUEST_TIMEOUT
    TOO_LARGE = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    HEADERS_TOO_LARGE = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    BROKEN = HTTPStatus.INTERNAL_SERVER_ERROR
    NOT_IMPLEMENTED = HTTPStatus.NOT_IMPLEMENTED
    TOO_MANY_UPLOADS = HTTPStatus.SERVICE_UNAVAILABLE
    NO_ROOM = HTTPStatus.INSUFFICIENT_STORAGE


@dataclass(frozen=True, slots=True)
class BodyRule:
    """`limit` in bytes; an `ignored` body is thrown away as it comes in, since nobody will look at it."""

    limit: int
    ignored: bool = False


class Admission(Protocol):
    """An environ given here has no body. All but `judge` and `refuse` are asked by the loop, and must not wait."""

    def is_proxy(self, address: str) -> bool:
        """Whether connections from there are bounded by deadlines alone."""

    def at_once(self, environ: Environ) -> Answer | None:
        """The answer to a request that needs nothing but this process, such as a probe; None for all others."""

    def body_rule(self, environ: Environ) -> BodyRule:
        """What may come along with this request."""

    def judge(self, environ: Environ) -> Answer | None:
        """Judge who wants to send a large body: None lets it come, any answer is sent instead. Runs in a thread."""

    def refuse(self, environ: Environ, refusal: Refusal) -> Answer:
        """The answer in the application's own words. It may be asked by the loop, so it asks no database."""


class Everyone:
    """For applications that know nobody: everything is let in and refused in plain words."""

    def is_proxy(self, address: str) -> bool:
        return False

    def at_once(self, environ: Environ) -> Answer | None:
        return None

    def body_rule(self, environ: Environ) -> BodyRule:
        return BodyRule(1 << 40)

    def judge(self, environ: Environ) -> Answer | None:
        return None

    def refuse(self, environ: Environ, refusal: Refusal) -> Answer:
        status: HTTPStatus = refusal.value
        return Answer(f"{status} {status.phrase}", [("Content-Type", "text/plain")], status.phrase.encode())
