"""Requests of the API that may carry an `Idempotency-Key`: sent again, they get the first answer again.

The key is looked up once the shape of the request is known to be right, so a view reads and checks its body first and
hands over the rest as a function.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import keys
from accounts.idempotency.keys import Claim, KeyName
from accounts.idempotency.models import NAME_LENGTH, IdempotencyKey
from config.errors import InvalidInput

HEADER = "Idempotency-Key"
KEY = re.compile(r"[\x21-\x7e]{1,200}")
# Of the headers, those that belong to the answer and are not put on every one.
KEPT_HEADERS = ("ETag", "Location", "X-Run-Id")
BLOCK = 65_536
_ENVIRON = "service_ticket.body_reader"

KEYED = OpenApiParameter(
    HEADER,
    {"type": "string", "pattern": f"^{KEY.pattern}$"},
    OpenApiParameter.HEADER,
    description="Up to 200 visible ASCII characters. The same key and body within 24 hours get the first answer again.",
)
KEYED_ERRORS = [409, 422, 429]

# What keeps an answer; to be called in the transaction of what the answer tells of.
type Settle = Callable[[Response], None]


class BodyReader:
    """The stream of a body, which computes the SHA-256 of all bytes while somebody else reads and parses them.

    A file may be larger than memory and need not be kept, so the bytes pass by once.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.sha256 = hashlib.sha256()
        self.is_at_end = False

    def read(self, *size: int) -> bytes:
        return self._noted(self.stream.read(*size))

    def readline(self, *size: int) -> bytes:
        return self._noted(self.stream.readline(*size))

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        """Django closes a stream that it has read to the end."""
        self.is_at_end = True
        self.stream.close()

    def fingerprint(self, variant: str) -> str:
        """Of the whole body: what nobody has read yet is read now.

        `variant` is what else tells this request from another with the same body.
        """
        while not self.is_at_end and self.read(BLOCK):
            pass
        whole = self.sha256.copy()
        whole.update(variant.encode())
        return whole.hexdigest()

    def _noted(self, block: bytes) -> bytes:
        self.sha256.update(block)
        return block


class OnceView(APIView):
    """A view whose POST may carry a key."""

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        if request.method == "POST" and HEADER in request.headers:
            # Whatever reads the body of a Django request takes it from here; there is no public way to come between.
            # Who reads `request.body`, as DRF does for a form, has Django put another stream in this one's place.
            reader = request.META[_ENVIRON] = BodyReader(request._stream)
            request._stream = reader  # type: ignore[assignment]  # it is read, and nothing else
        return super().initialize_request(request, *args, **kwargs)


def once(request: Request, act: Callable[[], Response]) -> HttpResponse:
    """The answer of `act`, which runs in one transaction where there is a key, and not at all where it did before.

    Raises KeyInUse, KeyReused, TooManyKeys, and InvalidInput for a malformed key. What `act` raises frees the key.
    """

    def in_one_transaction(settle: Settle) -> Response:
        with transaction.atomic():
            response = act()
            settle(response)
        return response

    return act() if HEADER not in request.headers else once_settled(request, in_one_transaction)


def once_settled(request: Request, act: Callable[[Settle], Response], *, variant: str = "") -> HttpResponse:
    """As `once`, for an `act` that has a transaction of its own, in which it hands its answer to what it is given.

    A request with another `variant` counts as one with another body.
    """
    name = key_of(request)
    if name is None:
        return act(_not_kept)
    body = cast(BodyReader, request.META[_ENVIRON])
    held = keys.claim(name, body.fingerprint(variant))
    if isinstance(held, IdempotencyKey):
        return _again(held)
    with held.held():
        response = act(lambda answer: _settle(held, answer))
        if not held.is_settled:
            raise RuntimeError(f"The answer to POST {request.path} was not kept under its key.")
    return response


def key_of(request: Request) -> KeyName | None:
    """What the key of this request stands for, None where it has none. Raises InvalidInput."""
    header = request.headers.get(HEADER)
    if header is None:
        return None
    key = header.strip(" \t")
    if not KEY.fullmatch(key):
        raise InvalidInput({HEADER: [_("Write 1 to 200 visible ASCII characters.")]})
    return KeyName(_purpose(request), key, request.user.pk)


def _purpose(request: Request) -> str:
    """Method and path, the path by its hash where it is longer than any that leads somewhere."""
    path = request._request.path_info
    purpose = f"{request.method} {path}"
    if len(purpose) <= NAME_LENGTH:
        return purpose
    return f"{request.method} {hashlib.sha256(path.encode()).hexdigest()}"


def _settle(claim: Claim, answer: Response) -> None:
    if not HTTPStatus(answer.status_code).is_success:
        return
    headers = {name: answer[name] for name in KEPT_HEADERS if name in answer}
    claim.settle(answer.status_code, headers, JSONRenderer().render(answer.data).decode())


def _again(kept: IdempotencyKey) -> HttpResponse:
    return HttpResponse(kept.body, status=kept.status, content_type=JSONRenderer.media_type, headers=kept.headers)


def _not_kept(_answer: Response) -> None:
    """For a request without a key."""
