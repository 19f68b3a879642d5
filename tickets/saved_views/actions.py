"""What people do with their saved views. Everybody has their own; only managers share.

Each raises ViewNotFound for a view that does not exist or belongs to somebody else.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.permissions import require_manager
from config.errors import DomainError
from tickets.saved_views.models import MOST_VIEWS, SavedView


class ViewNotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "view_not_found"
    message = _("There is no such view, or it is not yours.")


class ViewNameTaken(DomainError):
    code = "view_name_taken"
    message = _("You have a view of this name already. Choose another one.")


class TooManyViews(DomainError):
    code = "too_many_views"
    message = _("You have 50 views, which is the most one can have. Delete one first.")


def save_view(user: User, *, name: str, query: str, is_shared: bool = False) -> SavedView:
    """Save a query under a name.

    Raises ForbiddenRole where an associate wants to share, TooManyViews, ViewNameTaken.
    """
    if is_shared:
        require_manager(user)
    with _one_name(), transaction.atomic():
        # The person's row is the lock under which views are counted (on SQLite, the transaction itself).
        User.objects.select_for_update().get(pk=user.pk)
        if SavedView.objects.filter(owner=user).count() >= MOST_VIEWS:
            raise TooManyViews
        return SavedView.objects.create(owner=user, name=name, query=query, is_shared=is_shared)


def rename_view(user: User, view_id: uuid.UUID, *, name: str) -> SavedView:
    """Give the view another name. Raises ViewNameTaken."""
    with _one_name(), transaction.atomic():
        return _change(user, view_id, name=name)


def share_view(user: User, view_id: uuid.UUID, *, is_shared: bool) -> SavedView:
    """Show the view to everybody, or no longer. Raises ForbiddenRole."""
    _own(user, view_id)
    if is_shared:
        require_manager(user)
    return _change(user, view_id, is_shared=is_shared)


def delete_view(user: User, view_id: uuid.UUID) -> SavedView:
    """Returns the view as it was."""
    view = _own(user, view_id)
    SavedView.objects.filter(pk=view.pk).delete()
    return view


def _own(user: User, view_id: uuid.UUID) -> SavedView:
    view = SavedView.objects.filter(pk=view_id, owner=user).first()
    if view is None:
        raise ViewNotFound
    return view


def _change(user: User, view_id: uuid.UUID, **fields: object) -> SavedView:
    if not SavedView.objects.filter(pk=view_id, owner=user).update(**fields):
        raise ViewNotFound
    return _own(user, view_id)


@contextmanager
def _one_name() -> Iterator[None]:
    """Raises ViewNameTaken where the database refuses a second view of one name."""
    try:
        yield
    except IntegrityError as error:
        raise ViewNameTaken from error
