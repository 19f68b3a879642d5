"""Mail to one person at a time, so that nobody learns who else is told, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from smtplib import SMTPDataError, SMTPRecipientsRefused

from django.core.mail import EmailMessage

ANSWER_LENGTH = 300


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

    @property
    def is_final(self) -> bool:
        """Whether the mail server refuses this mail for good, so that sending it again would be of no use."""
        return any(500 <= code < 600 for code, _text in self._answers)

    @property
    def answer(self) -> str:
        """What the mail server said to a refused mail, in so many characters that it can be kept."""
        said = (f"{code} {text.decode(errors='replace')}" for code, text in self._answers)
        return " ".join(" ".join(said).split())[:ANSWER_LENGTH]

    @property
    def _answers(self) -> list[tuple[int, bytes]]:
        match self.error:
            case SMTPRecipientsRefused(recipients=refused):
                return list(refused.values())
            case SMTPDataError(smtp_code=code, smtp_error=text):
                return [(code, text if isinstance(text, bytes) else text.encode())]
        return []


def send_to_one(subject: str, body: str, email: str) -> Delivery:
    """Send a mail of plain text to this address; as `deliver`."""
    return deliver(EmailMessage(subject, body, None, [email]))


def deliver(mail: EmailMessage) -> Delivery:
    """Send a mail to its one address, and tell how that went instead of raising what server or network say.

    What goes on after a refusal is for the caller to decide, who knows how many mails wait behind it. Raises what is
    wrong with the mail itself, such as an address that cannot be written in a header.
    """
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        return Delivery(Verdict.RECIPIENT_REFUSED, error)
    except SMTPDataError as error:
        return Delivery(Verdict.MESSAGE_REFUSED, error)
    except OSError as error:
        return Delivery(Verdict.NOT_REACHED, error)
    return Delivery(Verdict.TAKEN)
