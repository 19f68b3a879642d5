"""What a view may want to know of a request, whoever sent it."""

from __future__ import annotations

from django.http import HttpRequest


def is_head(request: HttpRequest) -> bool:
    """Whether nobody will read the body of the answer."""
    return str(request.META["REQUEST_METHOD"]) == "HEAD"


def looks_ahead(request: HttpRequest) -> bool:
    """Whether no person is known to read the answer: browsers fetch ahead what might be opened next."""
    return is_head(request) or "prefetch" in request.headers.get("Sec-Purpose", "")
