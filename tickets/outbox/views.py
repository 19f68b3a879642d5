"""The page that a link of a mail leads to, by which one hears no more of a ticket."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from tickets.outbox import leaving


@csrf_exempt  # mail programs post here by themselves, and the address is a secret that nobody else knows
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, since programs that look for viruses follow links; POST does it. Neither needs a session."""
    asked = leaving.read_link(token)
    if asked is None:
        raise Http404
    if request.method == "POST":
        leaving.leave(asked)
    context = {"number": asked.ticket and asked.ticket.ticket_number, "is_done": request.method == "POST"}
    answer = render(request, "tickets/mail/leave.html", context)
    answer["Referrer-Policy"] = "no-referrer"
    return answer
