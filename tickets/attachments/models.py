"""What is attached to tickets, and what any kept file of somebody's is known by.

Attachments are written only by actions.py and removing.py, beside this, tickets/uploads/claiming.py,
tickets/audit/erasing.py and, where they lie in the past, by tickets/backfill/attachments.py.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import Exact, GreaterThan
from django.utils.translation import gettext_lazy as _

FILE_NAME_LENGTH = 200
SHA256_LENGTH = 64
# The most pixels that a preview takes in a list of files.
THUMBNAIL = (120, 80)


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def present(self) -> Self:
        """Those that were not removed."""
        return self.filter(removed_at=None)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")


class KeptFile(models.Model):
    """A file that somebody has sent. Its bytes are in storage.py, under its id.

    `content_type` is what the bytes were judged to be. Where there is a preview, its size in pixels is here.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    file_name = models.CharField(_("file name"), max_length=FILE_NAME_LENGTH)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.BigIntegerField(_("bytes"))
    sha256 = models.CharField(max_length=SHA256_LENGTH)
    preview_width = models.PositiveSmallIntegerField(null=True)
    preview_height = models.PositiveSmallIntegerField(null=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("attached by")
    )
    created_at = models.DateTimeField(_("attached"))

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(name="%(class)s_size_from_one", condition=Q(size__gte=1)),
            models.CheckConstraint(name="%(class)s_has_a_name", condition=Q(GreaterThan(Length("file_name"), 0))),
            models.CheckConstraint(name="%(class)s_sha256_length", condition=Q(Exact(Length("sha256"), SHA256_LENGTH))),
            models.CheckConstraint(
                name="%(class)s_preview_has_both_sides",
                # A comparison with NULL is neither true nor false, which a constraint lets pass.
                condition=Q(preview_width=None, preview_height=None)
                | Q(
                    preview_width__isnull=False,
                    preview_width__gte=1,
                    preview_height__isnull=False,
                    preview_height__gte=1,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def has_preview(self) -> bool:
        return self.preview_width is not None

    def fitted(self, width: int, height: int) -> tuple[int, int]:
        """Width and height of the preview within so much room; where it is smaller, its own."""
        own = self.preview_width or 1, self.preview_height or 1
        part = min(1, width / own[0], height / own[1])
        return max(1, round(own[0] * part)), max(1, round(own[1] * part))

    @property
    def thumbnail(self) -> tuple[int, int]:
        return self.fitted(*THUMBNAIL)


class Attachment(KeptFile):
    """A file that somebody has attached to a ticket, or to a comment of theirs on it.

    Of one that was removed the row stays, and the bytes are gone.

    Triggers refuse to change a row but for that, to remove it, and one whose comment is on another ticket. Others tell
    `GET /events` of what is attached and removed.
    """

    ticket = models.ForeignKey(
        "tickets.Ticket",
        on_delete=models.PROTECT,
        related_name="attachments",
        verbose_name=_("ticket"),
        db_index=False,  # another begins with it
    )
    comment = models.ForeignKey(
        "tickets.Comment", on_delete=models.PROTECT, null=True, related_name="attachments", verbose_name=_("comment")
    )
    removed_at = models.DateTimeField(_("removed"), null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("removed by")
    )

    objects: ClassVar[AttachmentQuerySet] = AttachmentQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta(KeptFile.Meta):
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        constraints = [
            *KeptFile.Meta.constraints,
            models.CheckConstraint(
                name="attachment_removal_names_remover",
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="attachment_removed_after_creation",
                condition=Q(removed_at=None) | Q(removed_at__gte=F("created_at")),
            ),
        ]
        indexes = [models.Index(fields=["ticket", "created_at", "id"], name="attachment_of_ticket")]
