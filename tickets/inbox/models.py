"""What people are told of, and by which way they want to be.

telling.py and moved.py, beside this, write what is told, read_marks.py marks what is read, and ways.py keeps the ways.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from accounts.models import User
    from tickets.models.ticket import Ticket, TicketQuerySet


class Kind(models.TextChoices):
    """What somebody is told of: what was said first, and of several that fit a comment the first one counts."""

    NAMED = "NAMED", _("You are named")
    QUESTION = "QUESTION", _("Questions")
    ANSWER = "ANSWER", _("Answers")
    COMMENT = "COMMENT", _("Comments")
    SENT_BACK = "SENT_BACK", _("Sent back")
    APPROVED = "APPROVED", _("Approved")
    MOVED = "MOVED", _("Moved by the exchange")
    DELETED = "DELETED", _("Deleted")
    RESTORED = "RESTORED", _("Restored")
    DRAFT = "DRAFT", _("Drafts to review")


SAID = (Kind.NAMED, Kind.QUESTION, Kind.ANSWER, Kind.COMMENT)
DONE = tuple(kind for kind in Kind if kind not in SAID)
VERBS = {
    Kind.NAMED: _("named you"),
    Kind.QUESTION: _("asked a question"),
    Kind.ANSWER: _("answered you"),
    Kind.COMMENT: _("commented"),
}


class Way(models.TextChoices):
    """How somebody is told of things of one kind."""

    INBOX = "INBOX", _("Inbox")
    MAIL = "MAIL", _("Inbox and a mail at once")
    DIGEST = "DIGEST", _("Inbox and the daily mail")
    NOWHERE = "NOWHERE", _("Not at all")


class ToldQuerySet(models.QuerySet["Told"]):
    def shown_to(self, user: User, tickets: TicketQuerySet) -> Self:
        """What this person is told of; `tickets` are the live ones that they may see.

        Of a deleted ticket all is out of sight until it is restored, but that it was deleted.
        """
        return self.filter(Exists(tickets.filter(pk=OuterRef("ticket"))) | Q(kind=Kind.DELETED), user=user)

    def unread_by(self, user: User) -> Self:
        return self.filter(user=user, is_read=False)

    def drafts_to_review(self, ticket_id: object) -> Self:
        """Who is told, and has not read it, that this ticket waits for a review."""
        return self.filter(ticket=ticket_id, kind=Kind.DRAFT, is_read=False)

    def newest_first(self) -> Self:
        return self.order_by("-created_at", "-pk")


class Told(models.Model):
    """A person is told of a comment, or else of an entry of the history of the same ticket, at the time of either.

    That of a comment is when it was written, or came to name them. A row is written in the transaction of what it
    tells of. `mail_due_at` is when it has to be mailed, null where it need not, or was; `mail_attempts` is how often
    that has failed, and `mail_claim` the mail that somebody has begun to send it with (tickets/outbox/claiming.py).
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    comment = models.ForeignKey(
        "tickets.Comment", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    entry = models.ForeignKey(
        "tickets.HistoryEntry", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=16, choices=Kind)
    created_at = models.DateTimeField()
    is_read = models.BooleanField(default=False)
    mail_due_at = models.DateTimeField(null=True)
    mail_attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    mail_claim = models.UUIDField(null=True)

    duplicate_of: Ticket | None = None  # where tickets/links/duplicates.py has loaded it
    is_open: bool  # where notifications.py has loaded it

    objects: ClassVar[ToldQuerySet] = ToldQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "user"], name="told_once_of_each_comment", condition=Q(comment__isnull=False)
            ),
            models.UniqueConstraint(
                fields=["entry", "user"], name="told_once_of_each_entry", condition=Q(entry__isnull=False)
            ),
            models.CheckConstraint(
                name="told_of_what_its_kind_says",
                condition=Q(kind__in=SAID, comment__isnull=False, entry=None)
                | Q(kind__in=DONE, comment=None, entry__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "created_at", "id", "kind"], name="told_newest_of_kind"),
            models.Index(fields=["user", "ticket"], name="told_unread", condition=Q(is_read=False)),
            models.Index(fields=["mail_due_at"], name="told_mail_due", condition=Q(mail_due_at__isnull=False)),
            models.Index(fields=["ticket"], name="told_drafts", condition=Q(kind=Kind.DRAFT, is_read=False)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.created_at:%Y-%m-%d %H:%M}"

    @property
    def text_in_short(self) -> str:
        """What was said, as Comment has it; empty where it was not said."""
        return self.comment.text_in_short if self.comment else ""

    @property
    def verb(self) -> str:
        """What was done by saying it; empty where it was not said."""
        if self.kind == Kind.QUESTION and self.ticket.created_by_id == self.user_id:
            return str(_("asks you"))
        return str(VERBS.get(Kind(self.kind), ""))


class ChosenWay(models.Model):
    """A person wants to hear of things of this kind otherwise than everybody does unless they choose (ways.py)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=16, choices=Kind)
    way = models.CharField(max_length=8, choices=Way)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="chosenway_one_for_each_kind"),
            models.CheckConstraint(name="chosenway_kind_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(name="chosenway_way_known", condition=Q(way__in=Way.values)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.way}"
