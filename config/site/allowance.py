"""The limit for requests on pages, and what answers tell of it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.errors import TooManyRequests
from accounts.limits.requests import count_request, describe_allowance
from accounts.models import User
from config.exception_handler import PAGE_PREFIXES, answer_error

# As the CSV and cycle endpoints of the API are. Nor is anybody kept from leaving.
EXEMPT = (
    "/desk/exchange/",
    "/desk/tickets/download/",
    "/desk/logout/",
    "/admin/logout/",
    "/admin/accounts/auditentry/download/",
)


class AllowanceMiddleware:
    """Counts requests for pages. Those for the API are counted by DRF, which alone knows who asks there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        describe_allowance(request, response)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        try:
            if is_counted(request.path) and isinstance(request.user, User):
                count_request(request, request.user)
        except TooManyRequests as error:
            return answer_error(request, error)
        return self.get_response(request)


def is_counted(path: str) -> bool:
    return path.startswith(PAGE_PREFIXES) and not path.startswith(EXEMPT)
