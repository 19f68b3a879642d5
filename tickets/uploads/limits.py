"""How much may be sent, by one file, by one ticket and by one person. Whatever is more is refused with TooLarge."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from config.errors import InvalidInput, TooLarge
from config.folders import Fingerprint
from tickets.attachments.models import Attachment
from tickets.uploads.models import Upload

MB = 1_000_000
# However small they are: each is a row on the ticket's page.
MOST_OF_A_TICKET = 500
# What one person has waiting may be as much as so many tickets take.
TICKETS_WAITING = 5


def check_file(found: Fingerprint) -> None:
    """Raises InvalidInput for an empty file, and TooLarge."""
    if found.size == 0:
        raise InvalidInput({"file": [_("The file is empty.")]})
    if found.size > settings.ATTACHMENT_MAX_MB * MB:
        raise TooLarge(over_limit())


def over_limit() -> str:
    """What is said of a file that is too large by itself."""
    return _("The file is larger than %(limit)d MB.") % {"limit": settings.ATTACHMENT_MAX_MB}


def check_room(ticket_id: uuid.UUID, *sizes: int) -> None:
    """Whether files of so many bytes more can be attached. It holds where nobody else attaches anything meanwhile."""
    there, size = _counted(Attachment.objects.present().filter(ticket=ticket_id))
    if there + len(sizes) > MOST_OF_A_TICKET:
        raise TooLarge(_("A ticket has at most %(most)d attachments.") % {"most": MOST_OF_A_TICKET})
    left = settings.TICKET_ATTACHMENTS_MAX_MB * MB - size
    if sum(sizes) > left:
        told = {"limit": settings.TICKET_ATTACHMENTS_MAX_MB, "left": max(left, 0)}
        raise TooLarge(
            _("The attachments of a ticket have at most %(limit)d MB together: %(left)d bytes are left.") % told
        )


def check_waiting(user: User, size: int) -> None:
    """Whether one more file of this person can wait, beside those that do."""
    there, before = _counted(Upload.objects.of(user))
    most = TICKETS_WAITING * settings.TICKET_ATTACHMENTS_MAX_MB
    if there >= TICKETS_WAITING * MOST_OF_A_TICKET or before + size > most * MB:
        raise TooLarge(_("Too much of yours waits to be sent: at most %(most)d MB. Send some first.") % {"most": most})


def _counted(files: QuerySet[Attachment] | QuerySet[Upload]) -> tuple[int, int]:
    there = files.aggregate(count=Count("pk"), size=Sum("size"))
    return there["count"], there["size"] or 0
