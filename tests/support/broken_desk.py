"""The site map with pages of the desk that break, for what people see then."""

from __future__ import annotations

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from accounts.errors import TooManyRequests
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as ours

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("on purpose")


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("on purpose")


def too_much(request: HttpRequest) -> HttpResponse:
    raise TooManyRequests(60, 42)


urlpatterns = [
    path("desk/broken/429/", too_much),
    path("desk/broken/500/", broken),
    path("desk/broken/503/", away),
    *ours,
]
