"""Comments and their earlier texts, and who has looked at them until when.

Comments are written only by actions.py, beside this, by tickets/audit/erasing.py and, where they lie in the past, by
tickets/backfill/comments.py; looks by looks.py.
"""

from __future__ import annotations

import re
import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from tickets.search import queries

COMMENT_LENGTH = 10_000
_PICTURE = re.compile(r"!\[(?P<name>[^\[\]]*)\]\(attachment:[^()\s]*\)")


def _has_length(text: str) -> Q:
    """The condition that a column holds a text that a comment may have."""
    return Q(GreaterThan(Length(text), 0)) & Q(LessThanOrEqual(Length(text), COMMENT_LENGTH))


class CommentQuerySet(models.QuerySet["Comment"]):
    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Comment(models.Model):
    """What somebody has said about a ticket, in Markdown, and the HTML that was made of it.

    `rendering` says by which RENDERING of rendering.py it was made. A comment that was removed stays in its place
    without its text, which is then one of the earlier ones.

    Triggers of the database tell `GET /events` of comments that are written, edited and removed.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ticket = models.ForeignKey(
        "tickets.Ticket",
        on_delete=models.PROTECT,
        related_name="comments",
        verbose_name=_("ticket"),
        db_index=False,  # another begins with it
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("author")
    )
    text = models.TextField(_("text"))
    html = models.TextField()
    rendering = models.PositiveSmallIntegerField()
    is_question = models.BooleanField(_("question"), default=False)
    created_at = models.DateTimeField(_("created"))
    edited_at = models.DateTimeField(_("edited"), null=True)
    removed_at = models.DateTimeField(_("removed"), null=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("removed by")
    )

    objects: ClassVar[CommentQuerySet] = CommentQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(
                name="comment_text_until_removed",
                condition=(Q(removed_at=None) & _has_length("text") & Q(GreaterThan(Length("html"), 0)))
                | Q(removed_at__isnull=False, text="", html=""),
            ),
            models.CheckConstraint(
                name="comment_removal_names_remover",
                condition=Q(removed_at=None, removed_by=None) | Q(removed_at__isnull=False, removed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="comment_edited_after_creation", condition=Q(edited_at=None) | Q(edited_at__gte=F("created_at"))
            ),
            models.CheckConstraint(
                name="comment_removed_after_creation",
                condition=Q(removed_at=None) | Q(removed_at__gte=F("created_at")),
            ),
            models.CheckConstraint(name="comment_rendering_from_one", condition=Q(rendering__gte=1)),
        ]
        indexes = [models.Index(fields=["ticket", "created_at", "id"], name="comment_of_ticket")]

    def __str__(self) -> str:
        return self.text[:80]

    @property
    def text_in_short(self) -> str:
        """What it says, as it was typed, with the names of pictures in place of where they are."""
        return _PICTURE.sub(r"\g<name>", self.text)


class CommentVersion(models.Model):
    """A text that a comment had, and since when. Triggers refuse to change or remove it.

    The last one of a comment that was removed is what it said until then.
    """

    comment = models.ForeignKey(Comment, on_delete=models.PROTECT, related_name="versions")
    text = models.TextField()
    written_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(name="commentversion_text_length", condition=_has_length("text"))]

    def __str__(self) -> str:
        return self.text[:80]


class CommentTextQuerySet(models.QuerySet["CommentText"]):
    def holding(self, terms: queries.SearchTerms) -> Self:
        """Texts that have all of these terms, as TicketText has them of tickets."""
        return self.filter(queries.condition(terms))


class CommentText(models.Model):
    """The folded text of a comment that was not removed, which search reads; as TicketText is a ticket's."""

    comment = models.OneToOneField(Comment, on_delete=models.CASCADE, primary_key=True, related_name="+")
    text = models.TextField()
    folding = models.PositiveSmallIntegerField(null=True)

    objects: ClassVar[CommentTextQuerySet] = CommentTextQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    def __str__(self) -> str:
        return self.text[:80]


class Mention(models.Model):
    """A comment, as it says now, names this person. `ticket` is the comment's, which never changes.

    All look-ups name the ticket, with which the one index begins.
    """

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ticket", "person", "comment"], name="mention_once_in_a_comment")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.comment_id}"


class LastLook(models.Model):
    """The time of the newest thing on a ticket that a person has seen there: of a comment, or of what was done."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "ticket"], name="lastlook_one_for_each_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.seen_at:%Y-%m-%d %H:%M}"
