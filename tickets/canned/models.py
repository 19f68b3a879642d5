"""Canned texts. Only actions.py, beside this, writes them."""

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

CANNED_NAME_LENGTH = 40
CANNED_TEXT_LENGTH = 500  # each fits into a reason, before its words are filled in
MOST_CANNED_TEXTS = 50  # of one person
# How many a form offers: one's own, and of those that others share as many as fit.
MOST_OFFERED = 100


class CannedTextQuerySet(models.QuerySet["CannedText"]):
    def visible_to(self, user: User) -> Self:
        """A manager's own texts, and those that other managers share; nothing for anybody else.

        A text that is marked as shared counts as such only while its owner is a manager who can sign in.
        """
        if not user.is_manager:
            return self.none()
        shared = Q(is_shared=True, owner__in=User.objects.active_managers())
        return self.filter(Q(owner=user) | shared).select_related("owner")

    def own_first(self, user: User) -> Self:
        """The texts of this person first, then those of others, each group by name."""
        return self.order_by(Case(When(owner=user, then=Value(0)), default=Value(1)), "name", "pk")


class CannedText(models.Model):
    """A text under a name, in which `{ticket}`, `{author}` and `{severity}` stand for those of a ticket."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(_("name"), max_length=CANNED_NAME_LENGTH)
    text = models.TextField(_("text"))
    is_shared = models.BooleanField(_("shared with all managers"), default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[CannedTextQuerySet] = CannedTextQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        verbose_name = _("canned text")
        verbose_name_plural = _("canned texts")
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="cannedtext_name_unique"),
            models.CheckConstraint(
                name="cannedtext_name_length",
                condition=Q(GreaterThan(Length("name"), 0)) & Q(LessThanOrEqual(Length("name"), CANNED_NAME_LENGTH)),
            ),
            models.CheckConstraint(
                name="cannedtext_text_length",
                condition=Q(GreaterThan(Length("text"), 0)) & Q(LessThanOrEqual(Length("text"), CANNED_TEXT_LENGTH)),
            ),
        ]
        indexes = [models.Index(fields=["name"], name="cannedtext_shared", condition=Q(is_shared=True))]

    def __str__(self) -> str:
        return self.name
