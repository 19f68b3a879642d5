"""Who may use an endpoint or page at all, and who may change whom.

What one may do with a given ticket is in tickets/permissions.py.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponseBase
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from accounts.models import Role, User
from accounts.signing_in.sessions import SignedInRequest, sign_in_required
from config.errors import ForbiddenRole


def is_manager(user: object) -> bool:
    """Whether somebody is signed in and a manager by role. The staff flag of the admin does not count."""
    return isinstance(user, User) and user.is_manager


def require_manager(user: object) -> None:
    """Raise ForbiddenRole unless this is a manager.

    Whole endpoints say it by `permission_classes = [IsManager]`, whole pages by `@manager_required`.
    """
    if not is_manager(user):
        raise ForbiddenRole


class IsManager(BasePermission):
    """Endpoints for managers: 401 for who is not signed in, 403 for who is no manager."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return is_manager(request.user)


def manager_required[**P](
    view: Callable[Concatenate[SignedInRequest, P], HttpResponseBase],
) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """Pages for managers: as sign_in_required; whoever is signed in but no manager is refused by require_manager."""

    @wraps(view)
    def guarded(request: SignedInRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        require_manager(request.user)
        return view(request, *args, **kwargs)

    return sign_in_required(guarded)


def may_manage(actor: User, person: User) -> bool:
    """Support staff manage associates; managers and support staff are managed by managers who are support staff."""
    return may_grant(actor, role=person.role, is_staff=person.is_staff)


def may_grant(actor: User, *, role: str, is_staff: bool) -> bool:
    """Whether the actor may give somebody this role, with or without the staff flag of the admin."""
    is_ordinary = role == Role.ASSOCIATE and not is_staff
    return actor.is_active and actor.is_staff and (actor.is_manager or is_ordinary)
