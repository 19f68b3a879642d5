"""Pages that belong to no app and show nothing of any: the one for a form that expired, and the icon."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.views.decorators.http import require_safe


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """For browsers that ask for one by themselves, such as beside an answer in JSON."""
    answer = redirect(static("icon.svg"))
    answer["Cache-Control"] = "public, max-age=86400"
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form with a token of an earlier sign-in: offer to send it again, with what was typed.

    Only where the form came from our own pages; anything else may be a forgery, and nobody shall confirm that.
    """
    own = (f"{request.scheme}://{request.get_host()}", settings.PUBLIC_URL)  # the first may have lost its port
    fields = [(name, value) for name, values in request.POST.lists() for value in values]
    is_secret = any("password" in name for name, _ in fields)  # nothing that a page may repeat
    kept = [(name, value) for name, value in fields if name != "csrfmiddlewaretoken"]
    context = {"kept": kept if request.headers.get("Origin") in own and not is_secret else []}
    return render(request, "csrf.html", context, status=403)
