"""The page of saved views, on which they are saved, opened, renamed, shared and deleted."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from accounts.signing_in.sessions import SignedInRequest, sign_in_required, take_kept_form
from config.errors import DomainError, InvalidInput
from config.ids import id_in_path, parse_uuid
from tickets.listing.presenter import Listing
from tickets.models import SavedView
from tickets.saved_views import actions
from tickets.saved_views.actions import ViewNotFound
from tickets.saved_views.forms import SavedViewForm


@dataclass(frozen=True, slots=True)
class DescribedView:
    """A view with its filters in words; `broken` names those that the list does not understand any more."""

    view: SavedView
    filters: list[str]
    broken: list[str]

    @classmethod
    def of(cls, view: SavedView, user: User, people: Mapping[uuid.UUID, User] | None = None) -> DescribedView:
        try:
            return cls(view, Listing(QueryDict(view.query), user, people).in_words, [])
        except InvalidInput as error:
            return cls(view, [], list(error.fields or {}))


def _people(views: Iterable[SavedView]) -> dict[uuid.UUID, User]:
    """Everybody whom these views name as author or reviewer, looked up at once."""
    named = set()
    for query in (QueryDict(view.query) for view in views):
        for parameter in ("createdBy", "reviewedBy"):
            with suppress(ValueError):
                named.add(parse_uuid(query.get(parameter, "").strip()))
    return User.objects.in_bulk(named) if named else {}


@require_http_methods(["GET", "POST"])
@sign_in_required
def views(request: SignedInRequest) -> HttpResponse:
    """The page of this person's own views and the shared ones. A POST saves `query` as `name`."""
    typed_before = take_kept_form(request)  # on a POST as well: it must not come back afterwards
    typed = request.POST if request.method == "POST" else typed_before
    if typed is None:
        return _show(request)
    form = SavedViewForm(typed)
    # Only what the list understands is saved.
    query = Listing(QueryDict(typed.get("query", "")), request.user).canonical_query
    if request.method == "GET":
        return _show(request, form=form, query=query)
    if not query:
        form.add_error(None, _("Narrow or sort the list first: there is nothing to save yet."))
    if not form.is_valid():
        return _show(request, form=form, query=query)
    try:
        is_shared = request.POST.get("shared") == "1"
        view = actions.save_view(request.user, name=form.cleaned_data["name"], query=query, is_shared=is_shared)
    except DomainError as error:
        return _show(request, form=form, query=query, error=error)
    messages.success(request, _("Saved as “%(name)s”.") % {"name": view.name})
    return redirect(f"{reverse('tickets:list')}?{view.query}")


@require_safe
@sign_in_required
def view(request: SignedInRequest, id: str) -> HttpResponse:
    """Leads to the list; where that does not understand the filters any more, tells so and what to do."""
    seen = SavedView.objects.visible_to(request.user).filter(pk=id_in_path(id, ViewNotFound)).first()
    if seen is None:
        raise ViewNotFound
    if DescribedView.of(seen, request.user).broken:
        return _show(request, broken=seen)
    return redirect(f"{reverse('tickets:list')}?{seen.query}")


@require_http_methods(["GET", "POST"])
@sign_in_required
def rename(request: SignedInRequest, id: str) -> HttpResponse:
    if request.method == "GET":
        return redirect("tickets:views")
    form = SavedViewForm(request.POST)
    if not form.is_valid():
        return _show(request, form=form, renamed=id)
    try:
        view = actions.rename_view(request.user, id_in_path(id, ViewNotFound), name=form.cleaned_data["name"])
    except DomainError as error:
        return _show(request, form=form, renamed=id, error=error)
    messages.success(request, _("It is called “%(name)s” now.") % {"name": view.name})
    return redirect("tickets:views")


@require_http_methods(["GET", "POST"])
@sign_in_required
def share(request: SignedInRequest, id: str) -> HttpResponse:
    """Share a view with everybody, or stop sharing it."""
    if request.method == "POST":
        view = actions.share_view(
            request.user, id_in_path(id, ViewNotFound), is_shared=request.POST.get("shared") == "1"
        )
        done = _("Everybody finds “%(name)s” now.") if view.is_shared else _("Only you find “%(name)s” now.")
        messages.success(request, done % {"name": view.name})
    return redirect("tickets:views")


@require_http_methods(["GET", "POST"])
@sign_in_required
def delete(request: SignedInRequest, id: str) -> HttpResponse:
    """Delete a view. The message offers the list that it showed, where the view can be saved again."""
    if request.method == "POST":
        view = actions.delete_view(request.user, id_in_path(id, ViewNotFound))
        back = f"{reverse('tickets:list')}?{view.query}"
        text = _("Deleted “%(name)s”.") % {"name": view.name}
        messages.success(request, format_html('{} <a href="{}">{}</a>', text, back, _("See what it showed")))
    return redirect("tickets:views")


def _show(
    request: SignedInRequest,
    *,
    form: SavedViewForm | None = None,
    query: str = "",
    renamed: str = "",
    broken: SavedView | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    """The page, as the answer to a form that was refused as well.

    `form` is a new view of `query`, or another name for the view `renamed`. `error` says why the action refused it,
    `broken` which view could not be opened.
    """
    if form and error:
        form.add_error(None if error.status >= 403 else "name", str(error.message))
    seen = list(SavedView.objects.visible_to(request.user).own_first(request.user))
    people = _people(seen)
    described = [DescribedView.of(view, request.user, people) for view in seen]
    is_renamed_here = any(str(view.pk) == renamed for view in seen if view.owner_id == request.user.pk)
    context = {
        "own": [each for each in described if each.view.owner_id == request.user.pk],
        "others": [each for each in described if each.view.owner_id != request.user.pk],
        "form": form,
        "query": query,
        "filters": Listing(QueryDict(query), request.user).in_words,
        "renamed": renamed,
        "unsent": form["name"].value() if form and renamed and not is_renamed_here else "",
        "refusal": error.message if error else "",
        "broken": broken,
        "refusal_code": error.code if error else "",
    }
    status = error.status if error else 422 if form and form.errors else 200
    return render(request, "tickets/views.html", context, status=status)
