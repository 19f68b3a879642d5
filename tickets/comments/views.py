"""Pages on which people comment. A refusal loses no text: it stands on the page that says why."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.people.finding import sought
from accounts.permissions import require_manager
from accounts.signing_in.sessions import SignedInRequest, in_background, keep_form, sign_in_required, take_kept_form
from config.errors import DomainError, TooLarge
from config.ids import id_in_path
from tickets.canned.filling import with_canned
from tickets.comments import actions, permissions
from tickets.comments.errors import CommentNotFound, NotYourComment
from tickets.comments.forms import CommentForm, NewCommentForm
from tickets.comments.models import Comment
from tickets.comments.rendering import html_of, safe_html
from tickets.errors import TicketNotFound
from tickets.models import Ticket
from tickets.uploads.actions import forget_waiting
from tickets.uploads.sent import SentFiles
from tickets.views.by_number import live_ticket, url_in_list, url_with_canned
from tickets.views.refusals import show_unsent
from tickets.views.ticket import show_writing

MOST_OFFERED = 6
# So many earlier texts are shown, the newest of them.
MOST_VERSIONS = 100


@require_http_methods(["GET", "POST"])
@sign_in_required
def add(request: SignedInRequest, number: str) -> HttpResponse:
    """A form that is sent twice makes one comment. `preview` only shows what it would look like."""
    if request.method == "GET":
        return redirect(url_in_list(request, number))
    try:
        return _add(request, live_ticket(number, request.user))
    except TicketNotFound as error:
        return show_unsent(request, error, request.POST.dict())


def _add(request: SignedInRequest, ticket: Ticket) -> HttpResponse:
    form = NewCommentForm(request.POST, request.FILES)
    files = SentFiles.read(request.user, request.POST, form.sent)
    if "insert" in request.POST:
        return _insert_canned_text(request, ticket, files)
    if not form.is_valid_with(files):
        return show_writing(request, ticket, form, files, status=files.status)
    if "preview" in request.POST:
        return show_writing(request, ticket, form, files, preview=safe_html(form.cleaned_data["text"]))
    key, fields = form.submission(ticket.pk, files.key)
    try:
        comment = actions.add_comment_once(request.user, key, ticket.pk, uploads=files.ids, **fields)
    except TooLarge as error:
        form.add_error("file", str(error.message))
        return show_writing(request, ticket, form, files, status=error.status)
    forget_waiting(request.user, files.ids)  # of a form that was sent before
    messages.success(request, _("Your question was added.") if comment.is_question else _("Your comment was added."))
    return redirect(_place(request, ticket, comment))


def _insert_canned_text(request: SignedInRequest, ticket: Ticket, files: SentFiles) -> HttpResponse:
    """Without JavaScript: back to the page with the canned texts, the one chosen below what was typed."""
    require_manager(request.user)
    typed = {name: text for name, text in request.POST.items() if name in ("is_question", "key")}
    text, chosen = request.POST.get("text", ""), request.POST.get("canned", "")
    typed |= {"text": with_canned(request.user, ticket, text, chosen), **files.fields}
    keep_form(request, request.path, typed)
    return redirect(url_with_canned(request, ticket, "id_text"))


@require_http_methods(["GET", "POST"])
@sign_in_required
def edit(request: SignedInRequest, id: str) -> HttpResponse:
    typed = take_kept_form(request) if request.method == "GET" else request.POST.dict()
    try:
        comment, ticket = _present_comment(request.user, id)
        if not permissions.can_edit(request.user, comment):
            raise NotYourComment
        if request.method == "GET":
            form = CommentForm(initial={"text": comment.text, **(typed or {})})
            return _show_edit(request, ticket, comment, form, is_typed=typed is not None)
        form = CommentForm(request.POST)
        if not form.is_valid():
            return _show_edit(request, ticket, comment, form, status=422)
        if "preview" in request.POST:
            return _show_edit(request, ticket, comment, form, preview=safe_html(form.cleaned_data["text"]))
        actions.edit_comment(request.user, comment.pk, text=form.cleaned_data["text"])
    except DomainError as error:
        return show_unsent(request, error, typed)
    messages.success(request, _("Your comment was changed."))
    return redirect(_place(request, ticket, comment))


@require_http_methods(["GET", "POST"])
@sign_in_required
def remove(request: SignedInRequest, id: str) -> HttpResponse:
    """Asks first, since it cannot be undone."""
    comment, ticket = _present_comment(request.user, id)
    if not permissions.can_remove(request.user, comment):
        raise NotYourComment
    if request.method == "GET":
        context = {"comment": comment, "html": html_of(comment), "place": _place(request, ticket, comment)}
        return render(request, "tickets/comments/remove.html", {"ticket": ticket, **context})
    actions.remove_comment(request.user, comment.pk)
    messages.success(request, _("The comment was removed. Its place says so."))
    return redirect(_place(request, ticket, comment))


@require_http_methods(["GET", "POST"])
@sign_in_required
def withdraw(request: SignedInRequest, id: str) -> HttpResponse:
    """A POST has the draft wait for the answer to one's own question no longer."""
    comment, ticket = _present_comment(request.user, id)
    if request.method == "POST":
        actions.withdraw_question(request.user, comment.pk)
        messages.success(request, _("Your question is withdrawn."))
    return redirect(_place(request, ticket, comment))


@require_safe
@sign_in_required
def versions(request: SignedInRequest, id: str) -> HttpResponse:
    """The earlier texts, the newest first; of a comment that was removed only managers are shown any."""
    comment, ticket = _comment_with_ticket(request.user, id)
    may_read = permissions.can_read_versions(request.user, comment)
    found = list(comment.versions.order_by("-pk")[: MOST_VERSIONS + 1]) if may_read else []
    context = {
        "ticket": ticket,
        "comment": comment,
        "versions": found[:MOST_VERSIONS],
        "is_shortened": len(found) > MOST_VERSIONS,
        "may_read": may_read,
        "place": _place(request, ticket, comment),
    }
    return render(request, "tickets/comments/versions.html", context)


@require_POST
@in_background
def preview(request: SignedInRequest) -> HttpResponse:
    """What the text that is being written would look like."""
    form = CommentForm(request.POST)
    status = 200 if form.is_valid() else 422
    context = {"preview": safe_html(form.cleaned_data["text"]) if status == 200 else "", "form": form}
    return render(request, "tickets/comments/preview.html", context, status=status)


@require_safe
@in_background
def people(request: SignedInRequest) -> HttpResponse:
    """Whom somebody may mean who types this behind an `@`, as choices of a list below the field."""
    typed = sought(request.GET.get("q", ""))
    found = User.objects.active().exclude(pk=request.user.pk).named(typed).order_by("email")
    return render(request, "tickets/comments/people.html", {"people": found[:MOST_OFFERED] if typed else []})


def _comment_with_ticket(user: User, text: str) -> tuple[Comment, Ticket]:
    """Raises CommentNotFound for an id that no comment has, TicketNotFound where its ticket is not live."""
    comment = actions.comment_for(user, id_in_path(text, CommentNotFound))
    return comment, Ticket.objects.get(pk=comment.ticket_id)


def _present_comment(user: User, text: str) -> tuple[Comment, Ticket]:
    """As _comment_with_ticket. Raises CommentNotFound for one that was removed as well."""
    comment, ticket = _comment_with_ticket(user, text)
    if comment.removed_at is not None:
        raise CommentNotFound
    return comment, ticket


def _show_edit(
    request: SignedInRequest,
    ticket: Ticket,
    comment: Comment,
    form: CommentForm,
    *,
    status: int = 200,
    preview: str = "",
    is_typed: bool = True,
) -> HttpResponse:
    shown: dict[str, Any] = {"ticket": ticket, "comment": comment, "form": form, "preview": preview}
    place = _place(request, ticket, comment)
    return render(request, "tickets/comments/edit.html", {**shown, "place": place, "is_typed": is_typed}, status=status)


def _place(request: SignedInRequest, ticket: Ticket, comment: Comment) -> str:
    """The address of the comment on its ticket's page, which still knows the list that one came from."""
    query = request.GET.copy()
    query.pop("part", None)
    query["comment"] = str(comment.pk)
    address = reverse("tickets:ticket", args=[ticket.ticket_number])
    return f"{address}?{query.urlencode()}#comment-{comment.pk}"
