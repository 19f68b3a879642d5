"""`/.well-known/security.txt`: whom somebody tells who has found a hole (RFC 9116)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

# Until when an answer may be believed: whoever serves it vouches for it now. RFC 9116 asks for less than a year.
GOOD_FOR = timedelta(days=90)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """Not there where the installation names no contact: an invented one would let reports go astray."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    answer = HttpResponse("".join(f"{line}\n" for line in _fields()), content_type="text/plain; charset=utf-8")
    answer["Cache-Control"] = "public, max-age=3600"
    return answer


def _fields() -> Iterator[str]:
    yield from (f"Contact: {contact}" for contact in settings.SECURITY_CONTACT)
    yield f"Expires: {datetime.now(UTC) + GOOD_FOR:%Y-%m-%dT00:00:00Z}"
    yield "Preferred-Languages: en"
    if settings.HTTPS:  # the RFC forbids others here
        yield f"Canonical: {settings.PUBLIC_URL}/.well-known/security.txt"
    if settings.SECURITY_POLICY:
        yield f"Policy: {settings.SECURITY_POLICY}"
