"""The site map with two pages of the desk that break, for what people see then."""

from __future__ import annotations

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as ours

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]


def broken(request: HttpRequest) -> HttpResponse:
    raise ZeroDivisionError("on purpose")


def away(request: HttpRequest) -> HttpResponse:
    raise OperationalError("on purpose")


urlpatterns = [path("desk/broken/500/", broken), path("desk/broken/503/", away), *ours]
