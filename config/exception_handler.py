"""The one place where a failure becomes an answer.

REST clients get `{statusCode, error, code, message, fields?}`, people get a page. What Django and DRF raise by
themselves takes the same shape here.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DatabaseError, DataError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from config.database.availability import unavailability_of
from config.errors import (
    DatabaseUnavailable,
    DomainError,
    ForbiddenRole,
    HostNotAllowed,
    InternalError,
    InvalidInput,
    MalformedBody,
    MethodNotAllowed,
    NotFound,
    TooLarge,
    Unauthorized,
    UnsupportedMediaType,
)

log = logging.getLogger("config.exception_handler")

# RFC 9110's phrases for what Python 3.12 still calls by older ones.
RENAMED = {413: "Content Too Large", 422: "Unprocessable Content"}
PAGE_PREFIXES = ("/desk/", "/admin/")


def as_domain_error(exception: BaseException | None) -> DomainError | None:
    """The domain error that stands for an exception of Django, DRF or the database; None for an unforeseen one."""
    match exception:
        case DomainError():
            return exception
        case drf.ValidationError():
            return InvalidInput(_flat(exception.detail))
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            return Unauthorized()
        case drf.PermissionDenied() | PermissionDenied():
            return ForbiddenRole()
        case drf.NotFound() | Http404():
            return NotFound()
        case drf.MethodNotAllowed() | drf.UnsupportedMediaType():
            kind = MethodNotAllowed if isinstance(exception, drf.MethodNotAllowed) else UnsupportedMediaType
            return kind(str(exception.detail))
        case drf.ParseError():
            return MalformedBody()
        case RequestDataTooBig():
            return TooLarge()
        case DisallowedHost():
            return HostNotAllowed(_("This host name is not served here. If it should be, add it to ALLOWED_HOSTS."))
        case SuspiciousOperation() | DataError():  # the database itself refuses a value, such as a NUL
            return DomainError()
        case DatabaseError() | InterfaceError():
            return unavailability_of(exception)
    return None


def answer_api_exception(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None lets an unforeseen exception go on to `handler500`, which logs it."""
    error = as_domain_error(exception)
    if error is None:
        return None
    set_rollback()
    if isinstance(error, DatabaseUnavailable):
        log.warning("The database was not available: %s", exception)
    return Response(error_body(error), status=error.status, headers=_headers(error))


def error_body(error: DomainError) -> dict[str, Any]:
    body: dict[str, Any] = {
        "statusCode": int(error.status),
        "error": RENAMED.get(error.status) or HTTPStatus(error.status).phrase,
        "code": error.code,
        "message": str(error.message),
    }
    if error.fields:
        body["fields"] = {name: [str(text) for text in texts] for name, texts in error.fields.items()}
    return {**body, **error.details}


def answer_error(request: HttpRequest, error: DomainError) -> HttpResponse:
    """A page for people under the page prefixes, the contract's JSON everywhere else."""
    response: HttpResponse
    if request.path.startswith(PAGE_PREFIXES):
        context: dict[str, Any] = {"error": error_body(error)}
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            # The database may be the reason, so nothing on this page may ask it.
            context |= {"user": AnonymousUser(), "messages": []}
        response = render(request, "error.html", context, status=error.status)
    else:
        response = JsonResponse(error_body(error), status=error.status)
    for name, value in _headers(error).items():
        response[name] = value
    return response


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_error(request, as_domain_error(exception) or DomainError())


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_error(request, ForbiddenRole())


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return answer_error(request, NotFound())


def handler500(request: HttpRequest) -> HttpResponse:
    """The answer to an uncaught error. It is a 503 where the database went away outside a view."""
    return answer_error(request, as_domain_error(sys.exception()) or InternalError())


def _headers(error: DomainError) -> dict[str, str]:
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    if error.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


def _flat(detail: Any) -> dict[str, list[str]]:
    """DRF's nested details as one list of messages for each field."""
    if isinstance(detail, Mapping):
        return {str(name): _messages(value) for name, value in detail.items()}
    return {"body": _messages(detail)}


def _messages(detail: Any) -> list[str]:
    if isinstance(detail, Mapping):
        return [text for value in detail.values() for text in _messages(value)]
    if isinstance(detail, list | tuple):
        return [text for value in detail for text in _messages(value)]
    return [str(detail)]
