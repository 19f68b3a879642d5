"""What a page does when nobody is signed in: whoever was writing finds their text again after signing in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.middleware import get_user
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import User
from config.requests import looks_ahead

KEPT_FORM = "kept_form"
MOST_KEPT = 400_000  # characters; the longest ticket fits
LAST_PERSON = "last_person"  # a signed cookie that outlives the session and tells whose it was
REMEMBERED_FOR = timedelta(days=60)


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
        if _is_signed_in(request):
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # has just been checked
        if request.method == "POST":
            _keep_form(request)
        return lead_to_sign_in(request)

    return guarded


def lead_to_sign_in(request: HttpRequest) -> HttpResponse:
    """And back to the page that one is on, which htmx is told to leave as a whole."""
    if request.headers.get("HX-Request"):
        return HttpResponseClientRedirect(redirect_to_login(_page_of(request)).url)
    return redirect_to_login(request.get_full_path())


def _page_of(request: HttpRequest) -> str:
    """Path and query of the page that htmx says one is on; nothing where it says what is no address."""
    try:
        page = urlsplit(request.headers.get("HX-Current-URL", ""))
    except ValueError:
        return ""
    return urlunsplit(("", "", *page[2:4], ""))


def in_background[**P](
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """For requests that a page makes by itself. Somebody who is signed out gets a 401 that the page ignores.

    Leading to the sign-in page, as `sign_in_required` does, would take away a page on which they may be typing.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if _is_signed_in(request):
            return view(request, *args, **kwargs)  # type: ignore[arg-type]  # has just been checked
        if request.headers.get("HX-Request"):
            return HttpResponse(status=401)
        return redirect_to_login(request.get_full_path())

    return guarded


def _is_signed_in(request: HttpRequest) -> bool:
    """Puts the person into the request in place of what looks for them, whose every attribute takes several calls."""
    request.user = get_user(request)
    return isinstance(request.user, User)


def remember_person(request: HttpRequest, response: HttpResponse) -> None:
    """Let the browser know whose session it has, for when that has ended. Signed, and of no use for signing in."""
    if isinstance(request.user, User) and _last_person(request) != str(request.user.pk):
        response.set_signed_cookie(
            LAST_PERSON,
            str(request.user.pk),
            max_age=REMEMBERED_FOR,
            path="/desk/",
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )


def _last_person(request: HttpRequest) -> str | None:
    person: str | None = request.get_signed_cookie(LAST_PERSON, default=None, max_age=REMEMBERED_FOR)
    return person


def _keep_form(request: HttpRequest) -> None:
    """Keep the posted form in the session, if whoever was signed in last on this browser still may sign in.

    Nothing that a stranger posts is stored.
    """
    person = _last_person(request)
    if person is None or not User.objects.active().filter(pk=person).exists():
        return
    fields = {name: value for name, value in request.POST.items() if name != "csrfmiddlewaretoken"}
    if not fields or sum(map(len, fields.values())) > MOST_KEPT:
        return
    request.session[KEPT_FORM] = {"person": person, "path": request.path, "fields": fields}
    messages.info(request, _("You were signed out. Sign in, and what you typed is there again."))


def keep_form(request: SignedInRequest, path: str, fields: dict[str, Any]) -> None:
    """Have `take_kept_form` find these fields at the path, as if they had been typed before signing in."""
    if sum(map(len, fields.values())) <= MOST_KEPT:
        request.session[KEPT_FORM] = {"person": str(request.user.pk), "path": path, "fields": fields}


def drop_what_is_not_theirs(request: HttpRequest, user: User) -> None:
    """Call when somebody signs in: forget a form that another person has typed on this browser."""
    kept = request.session.get(KEPT_FORM)
    if kept is not None and kept.get("person") != str(user.pk):
        del request.session[KEPT_FORM]


def take_kept_form(request: HttpRequest, path: str | None = None) -> dict[str, Any] | None:
    """What this person posted to this address, or to `path`, before signing in; once.

    Who only looks ahead, as browsers do by themselves, takes nothing away from the one who comes to read.
    """
    kept: dict[str, Any] | None = request.session.get(KEPT_FORM)
    if kept is None or kept["path"] != (path or request.path):
        return None
    if not looks_ahead(request):
        del request.session[KEPT_FORM]
    fields: dict[str, Any] = kept["fields"]
    return fields if kept.get("person") == str(request.user.pk) else None
