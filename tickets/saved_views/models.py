"""Saved views: queries of the ticket list that people have given a name. Only actions.py, beside this, writes them."""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User

NAME_LENGTH = 40
QUERY_LENGTH = 12_000  # the longest search fits, whatever its script
MOST_VIEWS = 50  # of one person


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, user: User) -> Self:
        """This person's own views, and those that managers share.

        A view that is marked as shared counts as such only while its owner is a manager who can sign in.
        """
        shared = Q(is_shared=True, owner__in=User.objects.active_managers())
        return self.filter(Q(owner=user) | shared).select_related("owner")

    def own_first(self, user: User) -> Self:
        """The views of this person first, then those of others, each group by name."""
        return self.order_by(Case(When(owner=user, then=Value(0)), default=Value(1)), "name", "pk")


class SavedView(models.Model):
    """A query of the ticket list under a name. `query` has the form in which Listing.canonical_query writes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=NAME_LENGTH)
    query = models.TextField()
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[SavedViewQuerySet] = SavedViewQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        # Table, constraints and index keep the name that saved views had at first. Renaming a table that every page
        # reads would fail all requests to processes that still run the version before, for nothing that anybody sees.
        db_table = "tickets_rememberedview"
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="rememberedview_name_unique"),
            models.CheckConstraint(
                name="rememberedview_name_length",
                condition=Q(GreaterThan(Length("name"), 0)) & Q(LessThanOrEqual(Length("name"), NAME_LENGTH)),
            ),
            models.CheckConstraint(
                name="rememberedview_query_length",
                condition=Q(GreaterThan(Length("query"), 0)) & Q(LessThanOrEqual(Length("query"), QUERY_LENGTH)),
            ),
        ]
        indexes = [models.Index(fields=["name"], name="rememberedview_shared", condition=Q(is_shared=True))]

    def __str__(self) -> str:
        return self.name
