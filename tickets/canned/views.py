"""The pages of canned texts, on which managers keep, change and delete them."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import manager_required, require_manager
from accounts.signing_in.sessions import SignedInRequest, in_background, take_kept_form
from config.errors import DomainError
from config.ids import id_in_path
from tickets.canned import actions
from tickets.canned.errors import CannedTextNotFound
from tickets.canned.filling import offered_texts
from tickets.canned.forms import CannedTextForm
from tickets.canned.models import CannedText
from tickets.views.by_number import live_ticket


@require_http_methods(["GET", "POST"])
@manager_required
def canned_texts(request: SignedInRequest) -> HttpResponse:
    """One's own texts and those that others share, and a form for a new one, which the address may fill in."""
    typed = take_kept_form(request)
    if request.method == "GET":
        return _show(request, CannedTextForm(initial=typed or request.GET.dict()))
    form = CannedTextForm(request.POST)
    if not form.is_valid():
        return _show(request, form, status=422)
    try:
        canned = actions.keep_canned_text(request.user, **form.cleaned_data)
    except DomainError as error:
        return _show_refused(request, form, error)
    messages.success(request, _("Kept as “%(name)s”.") % {"name": canned.name})
    return redirect("tickets:canned-texts")


@require_http_methods(["GET", "POST"])
@manager_required
def canned_text(request: SignedInRequest, id: str) -> HttpResponse:
    """One's own text, to be changed."""
    canned = actions.own_canned_text(request.user, id_in_path(id, CannedTextNotFound))
    if request.method == "GET":
        present = {"name": canned.name, "text": canned.text, "is_shared": canned.is_shared}
        return _show(request, CannedTextForm(initial=take_kept_form(request) or present), changed=canned)
    form = CannedTextForm(request.POST)
    if not form.is_valid():
        return _show(request, form, changed=canned, status=422)
    try:
        canned = actions.change_canned_text(request.user, canned.pk, **form.cleaned_data)
    except DomainError as error:
        return _show_refused(request, form, error, changed=canned)
    messages.success(request, _("Changed “%(name)s”.") % {"name": canned.name})
    return redirect("tickets:canned-texts")


@require_http_methods(["GET", "POST"])
@manager_required
def delete(request: SignedInRequest, id: str) -> HttpResponse:
    """Delete a text. The message leads to the form with what it said, where it can be kept again."""
    if request.method == "POST":
        canned = actions.delete_canned_text(request.user, id_in_path(id, CannedTextNotFound))
        kept = {"name": canned.name, "text": canned.text, **({"is_shared": "on"} if canned.is_shared else {})}
        again = f"{reverse('tickets:canned-texts')}?{urlencode(kept)}"
        done = _("Deleted “%(name)s”.") % {"name": canned.name}
        messages.success(request, format_html('{} <a href="{}">{}</a>', done, again, _("Write it again")))
    return redirect("tickets:canned-texts")


@require_safe
@in_background
def offered(request: SignedInRequest, number: str) -> HttpResponse:
    """What the person may put into a field of a form on this ticket, as choices of a list on its page."""
    require_manager(request.user)
    texts = offered_texts(request.user, live_ticket(number, request.user))
    return render(request, "tickets/canned_choice.html#options", {"asked": True, "texts": texts})


def _show_refused(
    request: SignedInRequest, form: CannedTextForm, error: DomainError, changed: CannedText | None = None
) -> HttpResponse:
    form.add_error("name" if error.code == "canned_name_taken" else None, str(error.message))
    return _show(request, form, changed=changed, status=error.status, refusal_code=error.code)


def _show(
    request: SignedInRequest,
    form: CannedTextForm,
    *,
    changed: CannedText | None = None,
    status: int = 200,
    refusal_code: str = "",
) -> HttpResponse:
    """The page, with a form for a new text or for the one to be `changed`."""
    seen = list(CannedText.objects.visible_to(request.user).own_first(request.user))
    context = {
        "own": [canned for canned in seen if canned.owner_id == request.user.pk],
        "others": [canned for canned in seen if canned.owner_id != request.user.pk],
        "form": form,
        "changed": changed,
        "refusal_code": refusal_code,
    }
    return render(request, "tickets/canned.html", context, status=status)
