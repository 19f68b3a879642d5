"""Who has chosen to follow a ticket, or to leave it. Only actions.py, beside this, writes that."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class FollowChoice(models.Model):
    """A person follows this ticket, or has left it, whatever else connects them with it.

    Who has raised a ticket or done something with it follows it without a row here (reading.py, beside this).
    """

    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    follows = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ticket", "user"], name="followchoice_one_for_each_ticket")]

    def __str__(self) -> str:
        return f"{self.ticket_id} {self.follows}"
