"""The ledger of suggestions, and how the language model is doing.

Written by triage/ledger.py, triage/matching.py, triage/llm/single_flight.py and triage/llm/breaker.py.
"""

from __future__ import annotations

import uuid
from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from tickets.models import Ticket
from tickets.workflow import Severity


class Source(models.TextChoices):
    """Who made a suggestion."""

    LLM = "LLM", _("language model")
    HEURISTIC = "HEURISTIC", _("heuristic")


class SuggestionQuerySet(models.QuerySet["Suggestion"]):
    def answers_to(self, text_hash: str, *, model: str, server: str, prompt_version: str) -> Self:
        """What this model has answered to an equal text, newest first."""
        asked = self.filter(source=Source.LLM, text_hash=text_hash, model=model)
        return asked.filter(server=server, prompt_version=prompt_version).order_by("-created_at")

    def unmatched(self) -> Self:
        """Suggestions whose ticket is still being looked for; nobody looks for that of somebody not signed in."""
        return self.filter(matched_at=None, asked_by__isnull=False)


class Suggestion(models.Model):
    """One answer that somebody got. The text itself is not kept, only its hash.

    `ticket` is the ticket that its author then created with the same text, found afterwards by triage/matching.py; what
    the author chose and where a manager moved it stand in the ticket's history. `matched_at` is when the search for
    it ended, with or without a ticket.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    created_at = models.DateTimeField(_("when"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("who asked")
    )
    text_hash = models.CharField(max_length=64)
    severity = models.CharField(_("severity"), max_length=16, choices=Severity)
    source = models.CharField(_("source"), max_length=16, choices=Source)
    model = models.CharField(_("model"), max_length=200, null=True)
    server = models.CharField(_("server"), max_length=500, null=True)
    prompt_version = models.CharField(_("prompt version"), max_length=16, null=True)
    fallback = models.CharField(_("why not the language model"), max_length=16, null=True)
    repeated = models.BooleanField(_("answered from the ledger"), default=False)
    latency_ms = models.PositiveIntegerField(_("latency in ms"))
    reasons = models.JSONField(_("reasons"), default=list)
    ticket = models.OneToOneField(
        Ticket, on_delete=models.PROTECT, null=True, related_name="suggestion", verbose_name=_("ticket")
    )
    matched_at = models.DateTimeField(null=True)

    objects: ClassVar[SuggestionQuerySet] = SuggestionQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        verbose_name = _("suggestion")
        verbose_name_plural = _("suggestions")
        constraints = [
            models.CheckConstraint(name="suggestion_severity_known", condition=Q(severity__in=Severity.values)),
            models.CheckConstraint(
                name="suggestion_model_with_llm_only",
                condition=Q(source=Source.HEURISTIC, model=None, server=None, prompt_version=None)
                | Q(
                    source=Source.LLM,
                    model__isnull=False,
                    server__isnull=False,
                    prompt_version__isnull=False,
                    fallback=None,
                ),
            ),
            models.CheckConstraint(
                name="suggestion_matched_when_ticket_known", condition=Q(ticket=None) | Q(matched_at__isnull=False)
            ),
        ]
        indexes = [
            models.Index(fields=["text_hash", "created_at"], name="suggestion_text", condition=Q(source="LLM")),
            models.Index(fields=["created_at"], name="suggestion_unmatched", condition=Q(matched_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.severity} {self.source} {self.created_at:%Y-%m-%d %H:%M}"


class CallInProgress(models.Model):
    """One worker is asking the language model about a text, on behalf of all; see triage/llm/single_flight.py."""

    key = models.CharField(max_length=64, primary_key=True)
    ends_at = models.DateTimeField()

    class Meta:
        # The table was in use before the model was called what it is called.
        db_table = "triage_inquiry"
        verbose_name = _("question under way")
        verbose_name_plural = _("questions under way")

    def __str__(self) -> str:
        return self.key


class Breaker(models.Model):
    """Failures in a row of one server, shared by all workers; `open_until` is when it may be asked again."""

    server = models.CharField(max_length=500, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("language model's state")
        verbose_name_plural = _("language model's states")

    def __str__(self) -> str:
        return f"{self.server}: {self.failures}"
