"""Mail to one person at a time, so that nobody learns who else is told, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.core.mail import send_mail


class Verdict(Enum):
    TAKEN = auto()  # by the mail server
    RECIPIENT_REFUSED = auto()  # the server does not want this address; it may want others
    MESSAGE_REFUSED = auto()  # the server does not want what it says, or no more of it for now
    NOT_REACHED = auto()  # whatever else went wrong between here and the server: other mails would meet the same


@dataclass(frozen=True, slots=True)
class Delivery:
    """`error` is what the mail server or the network said, None where the mail was taken."""

    verdict: Verdict
    error: OSError | None = None


def send_to_one(subject: str, body: str, email: str) -> Delivery:
    """Send a mail to this address, and tell how that went instead of raising what the server or the network says.

    What goes on after a refusal is for the caller to decide, who knows how many mails wait behind it. Raises what is
    wrong with the mail itself, such as an address that cannot be written in a header.
    """
    try:
        send_mail(subject, body, None, [email])
    except SMTPRecipientsRefused as error:
        return Delivery(Verdict.RECIPIENT_REFUSED, error)
    except SMTPDataError as error:
        return Delivery(Verdict.MESSAGE_REFUSED, error)
    except OSError as error:
        return Delivery(Verdict.NOT_REACHED, error)
    return Delivery(Verdict.TAKEN)
