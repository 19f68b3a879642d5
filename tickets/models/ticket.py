"""Tickets and the ways to look for them. Only tickets/actions.py and tickets/backfill write them."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Cast, Concat, Length, Substr
from django.db.models.lookups import GreaterThan, LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tickets.asking.models import Question
from tickets.comments.models import CommentText, CommentTextQuerySet
from tickets.models.expressions import UTCYear, rank
from tickets.models.search_text import TicketText, TicketTextQuerySet
from tickets.search import queries
from tickets.workflow import Severity, Status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from accounts.models import User


SORT_KEYS: dict[str, F | Case] = {
    "createdAt": F("created_at"),
    "updatedAt": F("updated_at"),
    "dueDate": F("due_date"),
    "severity": rank("severity", Severity),
    "status": rank("status", Status),
}


TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 100_000
REASON_LENGTH = 500
DUE_SOON = timedelta(days=3)


def _waits_for_answer() -> Exists:
    """For a query of tickets; a question that is not past is one about a draft."""
    return Exists(Question.objects.of_present_draft().waiting().filter(ticket=OuterRef("pk")))


class TicketQuerySet(models.QuerySet["Ticket"]):
    def live(self) -> Self:
        """Tickets that are not deleted."""
        return self.filter(deleted_at=None)

    def deleted(self) -> Self:
        return self.exclude(deleted_at=None)

    def visible_to(self, user: User) -> Self:
        """What this person may know of: all live tickets, and of the deleted ones those that they may restore.

        This is the rule of access to tickets, and the only place where it stands. Pages, API, notifications and
        actions on many begin with it; where deleted tickets are out of place even for who may see them, as in lists
        and everywhere in the API, `live()` comes behind it.
        """
        return self if user.is_manager else self.filter(Q(deleted_at=None) | Q(deleted_by=user))

    def raised_by(self, user: User) -> Self:
        return self.filter(created_by=user)

    def reviewed_by(self, user: User) -> Self:
        """Tickets on which this manager was the last to decide."""
        return self.filter(reviewed_by=user)

    def created_since(self, moment: datetime) -> Self:
        """Tickets created at this moment or later."""
        return self.filter(created_at__gte=moment)

    def created_before(self, moment: datetime) -> Self:
        return self.filter(created_at__lt=moment)

    def changed_after(self, moment: datetime) -> Self:
        return self.filter(updated_at__gt=moment)

    def changed_until(self, moment: datetime) -> Self:
        """Tickets whose last change was at this moment or before."""
        return self.filter(updated_at__lte=moment)

    def newest_first(self) -> Self:
        return self.order_by("-year", "-sequence")

    def oldest_first(self) -> Self:
        return self.order_by("year", "sequence")

    def pending(self) -> Self:
        """Approved tickets that wait for the external system: what the export holds."""
        return self.live().filter(status=Status.PENDING)

    def awaiting_review_by(self, user: User) -> Self:
        """Drafts on which this manager may decide; nothing for anybody else."""
        if not user.is_manager:
            return self.none()
        return self.visible_to(user).live().filter(status=Status.DRAFT).exclude(created_by=user)

    def waiting_for_author(self) -> Self:
        """Drafts of whose author somebody who could decide has asked something that is not answered yet."""
        return self.live().filter(_waits_for_answer(), status=Status.DRAFT)

    def waiting_for_review(self) -> Self:
        """Drafts that wait for a decision and for nothing else."""
        return self.live().filter(~_waits_for_answer(), status=Status.DRAFT)

    def with_asked(self) -> Self:
        """Loads as `is_asked` whether the ticket waits for an answer of its author."""
        return self.annotate(is_asked=_waits_for_answer())

    def waiting_too_long(self) -> Self:
        """Drafts that nobody has touched for longer than REVIEW_WITHIN."""
        return self.live().filter(status=Status.DRAFT, updated_at__lt=timezone.now() - settings.REVIEW_WITHIN)

    def due_before(self, moment: datetime) -> Self:
        """Tickets whose time is over by then and that are not closed."""
        return self.live().filter(due_date__lt=moment).exclude(status=Status.CLOSED)

    def overdue(self) -> Self:
        return self.due_before(timezone.now())

    def due_soon(self) -> Self:
        """Tickets that are due within DUE_SOON and that are not closed, overdue ones left out."""
        now = timezone.now()
        return self.due_before(now + DUE_SOON).filter(due_date__gte=now)

    def matching(self, text: str, *, in_comments: bool = False) -> Self:
        """Tickets with this text anywhere in title, description or number, as tickets/search compares texts.

        `in_comments` adds those with a comment that has it. Then the keys of both are brought together first, since
        PostgreSQL would otherwise look at every ticket.
        """
        terms = queries.phrase(text)
        if not terms:
            return self
        found = TicketText.objects.holding(terms)
        if not in_comments:
            return self._with_text(found)
        return self._with_text_or_comment(found, CommentText.objects.holding(terms))

    def matching_words(self, query: str, *, in_comments: bool = False) -> Self:
        """Tickets with all words of the query, wherever they stand, and those whose number it is.

        `in_comments` adds those with a comment that has all of them.
        """
        terms, number = queries.search_words(query), queries.number_in(query)
        if not terms:
            return self
        found = TicketText.objects.holding(terms)
        found = found | TicketText.objects.holding(number.terms) if number else found
        if not in_comments:
            return self._with_text(found)
        return self._with_text_or_comment(found, CommentText.objects.holding(terms))

    def with_comment_found(self, query: str) -> Self:
        """Loads as `said` the id of the newest comment with all words of the query, where the ticket's text has not."""
        terms = queries.search_words(query)
        written = TicketText.objects.holding(terms).filter(ticket=OuterRef("pk"))
        said = CommentText.objects.holding(terms).filter(comment__ticket=OuterRef("pk"))
        newest = Subquery(said.order_by("-comment__created_at", "-pk").values("pk")[:1])
        return self.annotate(
            said=Case(When(Exists(written), then=None), default=newest, output_field=models.UUIDField(null=True))
        )

    def _with_text(self, texts: TicketTextQuerySet) -> Self:
        return self.filter(Exists(texts.filter(ticket=OuterRef("pk"))))

    def _with_text_or_comment(self, texts: TicketTextQuerySet, comments: CommentTextQuerySet) -> Self:
        return self.filter(pk__in=texts.values("ticket").union(comments.values("comment__ticket")))

    def numbered_first(self, number: queries.Number) -> Self:
        """The present order, but the tickets with this number stand before all others, those of later years first."""
        has_it = Q(sequence=number.sequence) & (Q(year=number.year) if number.year else Q())
        year = Case(When(has_it, then=F("year")), default=Value(0), output_field=models.IntegerField())
        return self.order_by(year.desc(), *self.query.order_by)

    def in_batches(self, size: int = 1000) -> Iterator[list[Ticket]]:
        """All tickets of the query in its order, some at a time, each as it is when its turn comes.

        The order is that of the first moment; a ticket that does not fit any more by its turn is left out. No more is
        held than the keys, in 16 bytes each, and neither a cursor nor a transaction: those would have to outlive what
        a pooler of connections grants, or would last for as long as somebody reads slowly.
        """
        keys = b"".join(key.bytes for key in self.values_list("pk", flat=True).iterator(chunk_size=size))
        for start in range(0, len(keys), 16 * size):
            batch = [uuid.UUID(bytes=keys[at : at + 16]) for at in range(start, min(start + 16 * size, len(keys)), 16)]
            found = {ticket.pk: ticket for ticket in self.order_by().filter(pk__in=batch)}
            yield [found[key] for key in batch if key in found]

    def sorted_by(self, key: str, *, descending: bool = False) -> Self:
        """Ordered by a key of the API's `sort`; ties by number, newest first."""
        if key == "number":
            return self.newest_first() if descending else self.oldest_first()
        order = SORT_KEYS[key]
        return self.order_by(order.desc() if descending else order.asc(), "-year", "-sequence")


class Ticket(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ticket_number = models.CharField(_("number"), max_length=24, unique=True)
    year = models.PositiveSmallIntegerField(_("year"))
    sequence = models.PositiveIntegerField(_("sequence"))
    title = models.CharField(_("title"), max_length=TITLE_LENGTH)
    description = models.TextField(_("description"))
    due_date = models.DateTimeField(_("due"))
    severity = models.CharField(_("severity"), max_length=16, choices=Severity)
    ai_suggested_severity = models.CharField(_("suggested severity"), max_length=16, choices=Severity, null=True)
    status = models.CharField(_("status"), max_length=16, choices=Status, default=Status.DRAFT)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="created_tickets",
        verbose_name=_("author"),
        db_index=False,  # two others begin with it
    )
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("reviewer")
    )
    created_at = models.DateTimeField(_("created"))
    updated_at = models.DateTimeField(_("updated"))
    deleted_at = models.DateTimeField(_("deleted"), null=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("deleted by")
    )
    # Counts the accepted actions, the creation being 1; the history entry of an action carries the same number.
    version = models.PositiveIntegerField(_("version"), default=1)

    is_asked: bool  # where with_asked has loaded it
    said: uuid.UUID | None  # where with_comment_found has loaded it
    # Of a person, where tickets/following/reading.py has loaded it: what they have chosen, and what they have done.
    follows: bool | None
    was_reviewed: bool
    was_commented: bool
    was_named: bool
    held_by: uuid.UUID | None  # where tickets/review/leases.py has loaded it
    skipped_at: datetime | None  # where tickets/review/queue.py has
    has_unread: bool  # where tickets/inbox/notifications.py has loaded it

    objects: ClassVar[TicketQuerySet] = TicketQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        verbose_name = _("ticket")
        verbose_name_plural = _("tickets")
        constraints = [
            models.UniqueConstraint(fields=["year", "sequence"], name="ticket_year_sequence_unique"),
            models.CheckConstraint(name="ticket_sequence_from_one", condition=Q(sequence__gte=1)),
            models.CheckConstraint(name="ticket_year_of_creation", condition=Q(year=UTCYear("created_at"))),
            models.CheckConstraint(
                name="ticket_number_matches",
                condition=Q(
                    ticket_number=Concat(
                        Value("TKT-"),
                        Cast("year", models.TextField()),
                        Value("-"),
                        Substr(Value("000000"), Length(Cast("sequence", models.TextField())) + 1),
                        Cast("sequence", models.TextField()),
                        output_field=models.TextField(),
                    )
                ),
            ),
            models.CheckConstraint(name="ticket_severity_known", condition=Q(severity__in=Severity.values)),
            models.CheckConstraint(
                name="ticket_suggestion_known",
                condition=Q(ai_suggested_severity=None) | Q(ai_suggested_severity__in=Severity.values),
            ),
            models.CheckConstraint(name="ticket_status_known", condition=Q(status__in=Status.values)),
            models.CheckConstraint(
                name="ticket_title_length",
                condition=Q(GreaterThan(Length("title"), 0)) & Q(LessThanOrEqual(Length("title"), TITLE_LENGTH)),
            ),
            models.CheckConstraint(
                name="ticket_description_length",
                condition=Q(GreaterThan(Length("description"), 0))
                & Q(LessThanOrEqual(Length("description"), DESCRIPTION_LENGTH)),
            ),
            models.CheckConstraint(
                name="ticket_reviewer_is_not_creator",
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("created_by")),
            ),
            models.CheckConstraint(
                name="ticket_past_draft_is_reviewed",
                condition=Q(status=Status.DRAFT) | Q(reviewed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="ticket_deleted_in_draft_or_review",
                condition=Q(deleted_at=None) | Q(status__in=[Status.DRAFT, Status.REVIEW]),
            ),
            models.CheckConstraint(
                name="ticket_deletion_names_deleter",
                condition=Q(deleted_at=None, deleted_by=None) | Q(deleted_at__isnull=False, deleted_by__isnull=False),
            ),
            models.CheckConstraint(name="ticket_updated_after_creation", condition=Q(updated_at__gte=F("created_at"))),
            models.CheckConstraint(name="ticket_version_from_one", condition=Q(version__gte=1)),
        ]
        indexes = [
            models.Index(
                fields=["status", "year", "sequence"], name="ticket_status_number", condition=Q(deleted_at=None)
            ),
            models.Index(fields=["created_by", "year", "sequence"], name="ticket_author_number"),
            models.Index(fields=["created_by", "updated_at"], name="ticket_author_changed"),
            models.Index(
                fields=["updated_at"], name="ticket_draft_changed", condition=Q(status=Status.DRAFT, deleted_at=None)
            ),
            models.Index(
                fields=["due_date"], name="ticket_due", condition=Q(deleted_at=None) & ~Q(status=Status.CLOSED)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ticket_number} {self.title}"

    @property
    def waits_too_long(self) -> bool:
        """Whether it is a draft that nobody has touched for longer than REVIEW_WITHIN."""
        return self.status == Status.DRAFT and self.updated_at < timezone.now() - settings.REVIEW_WITHIN

    def texts_at(self, version: int) -> dict[str, str]:
        """Title and description as of this version, undone from the history. The present ones cost no query."""
        texts = {"title": self.title, "description": self.description}
        if version < self.version:
            for entry in self.history.after_version(version).newest_first():
                texts |= {name: old for name, (old, _new) in entry.changes.items()}
        return texts
