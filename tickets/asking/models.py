"""The questions for whose answer drafts wait.

Only course.py, beside this, writes them, and tickets/backfill/comments.py where they lie in the past.
"""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config import clock


class Ending(models.TextChoices):
    """By what a question has ended, where it was not by its time."""

    ANSWERED = "ANSWERED", _("answered")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    DECIDED = "DECIDED", _("decided without an answer")


class State(models.TextChoices):
    """What has become of a question so far."""

    WAITING = "WAITING", _("waits for an answer")
    ANSWERED = "ANSWERED", _("answered")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
    DECIDED = "DECIDED", _("decided without an answer")
    UNANSWERED = "UNANSWERED", _("not answered in time")


class QuestionQuerySet(models.QuerySet["Question"]):
    def waiting(self, now: clock.Present | None = None) -> Self:
        """Questions that still wait for an answer at this moment, which is the present unless one is given."""
        return self.filter(ended_at=None, waits_until__gt=now or clock.Present())

    def of_present_draft(self) -> Self:
        """Questions, ended or not, about drafts on which nobody has decided since."""
        return self.filter(is_past=False)

    def newest_first(self) -> Self:
        return self.order_by("-comment__created_at", "-pk")


class Question(models.Model):
    """A comment by which a manager asks the author of a draft something, on which the manager could decide.

    The draft waits for the answer up to `waits_until`, or until the question ends before: nothing has to run for its
    time to be over. `ended_at` is null where it has not ended, or only by its time. `is_past`: somebody has decided on
    the draft since, and whatever becomes of the ticket the question plays no part in it any more.
    """

    comment = models.OneToOneField(
        "tickets.Comment", on_delete=models.CASCADE, primary_key=True, related_name="question"
    )
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    asker = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    waits_until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ending = models.CharField(max_length=16, choices=Ending, blank=True)
    is_past = models.BooleanField(default=False)

    objects: ClassVar[QuestionQuerySet] = QuestionQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="question_ends_by_something",
                condition=Q(ended_at=None, ending="") | Q(ended_at__isnull=False, ending__in=Ending.values),
            ),
            models.CheckConstraint(
                name="question_ends_before_its_time", condition=Q(ended_at=None) | Q(ended_at__lte=F("waits_until"))
            ),
            models.CheckConstraint(
                name="question_past_once_decided", condition=~Q(ending=Ending.DECIDED) | Q(is_past=True)
            ),
        ]
        indexes = [
            models.Index(fields=["ticket"], name="question_of_draft", condition=Q(is_past=False)),
            models.Index(fields=["asker"], name="question_of_asker", condition=Q(is_past=False)),
        ]

    def __str__(self) -> str:
        return f"{self.comment_id} {self.waits_until:%Y-%m-%d %H:%M}"

    @property
    def state(self) -> State:
        if self.ending:
            return State(self.ending)
        return State.WAITING if self.waits_until > timezone.now() else State.UNANSWERED
