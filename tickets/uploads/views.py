"""Pages on which files come to a ticket and go from it, and what the script of those pages asks for."""

from __future__ import annotations

from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest, in_background, sign_in_required
from config.errors import DomainError, InvalidInput
from config.ids import id_in_path
from tickets.attachments import actions, permissions
from tickets.attachments.errors import AttachmentNotFound, NotYourAttachment
from tickets.attachments.models import Attachment
from tickets.comments.shown import Attached
from tickets.models import Ticket
from tickets.templatetags.conversation import attached_rows
from tickets.uploads.actions import attach_waiting, forget_waiting
from tickets.uploads.sent import Refused, SentFiles
from tickets.views.by_number import live_ticket, url_in_list
from tickets.views.ticket import show_refused


@require_http_methods(["GET", "POST"])
@in_background
def uploads(request: SignedInRequest) -> HttpResponse:
    """Those of the files that the address names which wait of this person; or one more, which waits from now on."""
    if request.method == "GET":
        files = SentFiles.read(request.user, request.GET)
        return render(request, "tickets/uploads/waiting.html", {"waiting": files.waiting})
    files = SentFiles.read(request.user, {}, request.FILES.getlist("file")[:1])
    if not files.waiting:
        return _refused(request, *(files.refused or [Refused("", _nothing_chosen())]))
    return render(request, "tickets/uploads/waiting.html", {"waiting": files.waiting}, status=HTTPStatus.CREATED)


@require_http_methods(["GET", "POST"])
@sign_in_required
def attach(request: SignedInRequest, number: str) -> HttpResponse:
    """Attach files to the ticket itself. The script sends one, and is given its row."""
    if request.method == "GET":
        return redirect(url_in_list(request, number))
    try:
        ticket = live_ticket(number, request.user)
        files = SentFiles.read(request.user, {}, request.FILES.getlist("file"))
        attached = _attach(request.user, ticket, files)
    except DomainError as error:
        return _told(request, number, Refused("", error))
    if files.refused:
        return _told(request, number, *files.refused)
    if request.headers.get("HX-Request"):
        shown = [Attached(attachment, can_remove=True) for attachment in attached]
        return HttpResponse(attached_rows(shown), status=HTTPStatus.CREATED)
    count = len(files.ids)
    messages.success(
        request, ngettext("%(count)d file attached.", "%(count)d files attached.", count) % {"count": count}
    )
    return redirect(f"{url_in_list(request, number)}#attachments")


def _attach(user: User, ticket: Ticket, files: SentFiles) -> list[Attachment]:
    """What has come waits for nothing where the ticket does not take it."""
    if not files.waiting and not files.refused:
        raise _nothing_chosen()
    try:
        return attach_waiting(user, ticket, files.ids)
    except DomainError:
        forget_waiting(user, files.ids)
        raise


@require_http_methods(["GET", "POST"])
@sign_in_required
def remove(request: SignedInRequest, id: str) -> HttpResponse:
    """Asks first, since it cannot be undone."""
    attachment = actions.attachment_for(request.user, id_in_path(id, AttachmentNotFound))
    if not permissions.can_remove(request.user, attachment):
        raise NotYourAttachment
    ticket = Ticket.objects.get(pk=attachment.ticket_id)
    place = _place(request, ticket, attachment)
    if request.method == "GET":
        context = {"ticket": ticket, "file": attachment, "shown": [Attached(attachment)], "place": place}
        return render(request, "tickets/attachments/remove.html", context)
    actions.remove_attachment(request.user, attachment.pk)
    messages.success(request, _("Removed “%(name)s”.") % {"name": attachment.file_name})
    return redirect(place)


def _nothing_chosen() -> InvalidInput:
    return InvalidInput({"file": [_("Choose a file first.")]})


def _told(request: SignedInRequest, number: str, *refused: Refused) -> HttpResponse:
    """Why files were refused: to the script as rows in their place, else on the ticket's page."""
    if request.headers.get("HX-Request"):
        return _refused(request, *refused)
    error = refused[0].error
    error.message = " ".join(each.words for each in refused)
    return show_refused(request, number, error)


def _refused(request: SignedInRequest, *refused: Refused) -> HttpResponse:
    return render(request, "tickets/uploads/refused.html", {"refused": refused}, status=refused[0].error.status)


def _place(request: SignedInRequest, ticket: Ticket, attachment: Attachment) -> str:
    """The address of the page on which it stands, which still knows the list that one came from."""
    query = request.GET.copy()
    query.pop("part", None)
    place = "attachments"
    if attachment.comment_id:
        query["comment"] = str(attachment.comment_id)
        place = f"comment-{attachment.comment_id}"
    address = reverse("tickets:ticket", args=[ticket.ticket_number])
    return f"{address}?{query.urlencode()}#{place}" if query else f"{address}#{place}"
