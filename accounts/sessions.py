"""What a page does when nobody is signed in: whoever was writing finds their text again after signing in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlsplit, urlunsplit

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from config.errors import ForbiddenRole

KEPT_FORM = "kept_form"
MOST_KEPT = 400_000  # characters; the longest ticket fits, and strangers cannot fill the database quickly


class SignedInRequest(HttpRequest):
    """A request behind `sign_in_required`."""

    user: User


def sign_in_required[**P](
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Lead to the sign-in page and back; the whole page where htmx asked for a part of it.

    A form that was posted is kept for the page that it came from. An address that takes posted forms only has to
    answer a GET by leading to that page.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if isinstance(request.user, User):
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # has just been checked
        if request.method == "POST":
            _keep_form(request)
        if request.headers.get("HX-Request"):
            page = urlsplit(request.headers.get("HX-Current-URL", ""))
            return HttpResponseClientRedirect(redirect_to_login(urlunsplit(("", "", *page[2:4], ""))).url)
        return redirect_to_login(request.get_full_path())

    return guarded


def manager_required[**P](
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """As sign_in_required; whoever is signed in but no manager is refused with ForbiddenRole."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_manager:
            raise ForbiddenRole
        return view(request, *args, **kwargs)

    return sign_in_required(guarded)


def in_background[**P](
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For what a page asks for by itself: 401 without a word, since nobody shall be torn from what they are typing."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if isinstance(request.user, User):
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # has just been checked
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return redirect_to_login(request.get_full_path())

    return guarded


def _keep_form(request: HttpRequest) -> None:
    fields = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    if not fields or sum(map(len, fields.values())) > MOST_KEPT:
        return
    request.session[KEPT_FORM] = {"path": request.path, "fields": fields}
    messages.info(request, _("You were signed out. Sign in, and what you typed is there again."))


def take_kept_form(request: HttpRequest, path: str | None = None) -> dict[str, Any] | None:
    """What was posted to this address, or to `path`, before signing in; once."""
    kept: dict[str, Any] | None = request.session.get(KEPT_FORM)
    if kept is None or kept["path"] != (path or request.path):
        return None
    del request.session[KEPT_FORM]
    fields: dict[str, Any] = kept["fields"]
    return fields
