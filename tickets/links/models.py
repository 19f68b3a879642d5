"""Links between two tickets. Only actions.py, beside this, writes them."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Greatest, Least
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

if TYPE_CHECKING:
    from tickets.models.ticket import Ticket, TicketQuerySet

MOST_LINKS = 100  # of one ticket, so that its page and the answer that lists them stay small


class LinkKind(models.TextChoices):
    """What a ticket is to another. Those of INVERSE are the same links seen from the other ticket."""

    DUPLICATE_OF = "DUPLICATE_OF", pgettext_lazy("a ticket, of another", "Duplicate of")
    FOLLOW_UP_OF = "FOLLOW_UP_OF", pgettext_lazy("a ticket, of another", "Follow-up of")
    RELATED = "RELATED", pgettext_lazy("a ticket, to another", "Related to")
    DUPLICATED_BY = "DUPLICATED_BY", pgettext_lazy("a ticket, by another", "Duplicated by")
    FOLLOWED_UP_BY = "FOLLOWED_UP_BY", pgettext_lazy("a ticket, by another", "Followed up by")


INVERSE = {
    LinkKind.DUPLICATE_OF: LinkKind.DUPLICATED_BY,
    LinkKind.FOLLOW_UP_OF: LinkKind.FOLLOWED_UP_BY,
    LinkKind.RELATED: LinkKind.RELATED,
}
KINDS = [*INVERSE]  # those that links are made of


@dataclass(frozen=True, slots=True)
class SeenLink:
    """A link as it looks from one of its tickets: `ticket` is the other one, and `kind` what the first is to it."""

    link: TicketLink
    kind: LinkKind
    ticket: Ticket


class TicketLinkQuerySet(models.QuerySet["TicketLink"]):
    def of(self, ticket_id: uuid.UUID) -> Self:
        """Those from this ticket and to it."""
        return self.filter(Q(source=ticket_id) | Q(target=ticket_id))

    def among(self, tickets: TicketQuerySet) -> Self:
        """Those of which both tickets are among these, with both of them but for their descriptions."""
        ends = (Exists(tickets.filter(pk=OuterRef(end))) for end in ("source", "target"))
        both = self.filter(*ends).select_related("source", "target")
        return both.defer("source__description", "target__description")

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")


class TicketLink(models.Model):
    """`source` is a duplicate of `target`, follows up on it, or is related to it, in which case either may be either.

    Two tickets have one link of a kind at most, whichever of them it is from.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    source = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey("tickets.Ticket", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(_("kind"), max_length=16, choices=[(kind.value, kind.label) for kind in KINDS])
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("linked by")
    )
    created_at = models.DateTimeField(_("created"))

    objects: ClassVar[TicketLinkQuerySet] = TicketLinkQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.CheckConstraint(name="ticketlink_of_two_tickets", condition=~Q(source=F("target"))),
            models.CheckConstraint(name="ticketlink_kind_known", condition=Q(kind__in=[kind.value for kind in KINDS])),
            models.UniqueConstraint(
                Least("source", "target"), Greatest("source", "target"), "kind", name="ticketlink_once_for_each_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source} · {self.get_kind_display()} · {self.target}"

    def seen_from(self, ticket_id: uuid.UUID) -> SeenLink:
        """As one sees it at this ticket, which is one of the two."""
        kind = LinkKind(self.kind)
        if ticket_id == self.source_id:
            return SeenLink(self, kind, self.target)
        return SeenLink(self, INVERSE[kind], self.source)
