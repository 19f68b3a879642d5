"""Mails to people about their account, sent from a thread of their own.

Whoever asks for one never waits for a mail server, and so learns nothing from the time that it takes. What could not be
sent is tried again, by whichever process; a letter that is still there after a day is given up.
"""

from __future__ import annotations

import logging
import threading
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.db import Error, connection, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts.mailing import Delivery, Verdict, send_to_one
from accounts.models import Letter, User
from config import clock
from config.database.turns import take_turns

log = logging.getLogger("accounts.letters")

HOUR = timedelta(hours=1)
KEPT_FOR = timedelta(days=1)
# How long a process may take for one mail before another tries it.
CLAIM = timedelta(minutes=2)
RETRY_SECONDS = 60.0
# Seconds for which a command waits for its mails; what is left then is sent by a server.
COMMAND_WAITS = 30.0


def one_time_link(user: User) -> str:
    """An absolute address where this person sets a new password, once, within a day."""
    uid = urlsafe_base64_encode(force_bytes(str(user.pk)))
    path = reverse("accounts:new-password", args=[uid, default_token_generator.make_token(user)])
    return settings.PUBLIC_URL + path


def ask_for_link(email: str, address: str) -> None:
    """Have a link mailed to somebody who has lost their password. The caller is not signed in.

    Only LINKS_PER_EMAIL and LINKS_PER_ADDRESS are taken in an hour; the rest is dropped. It does the same for an e-mail
    that nobody has, so that its time does not tell; that there is no such person is found out when the mail is sent.
    """
    with transaction.atomic():
        take_turns(f"letters to {email}", f"letters for {address}")
        now = clock.now()
        lately = Letter.objects.filter(kind=Letter.Kind.LOST, created_at__gt=now - HOUR)
        if (
            lately.filter(email=email).count() < settings.LINKS_PER_EMAIL
            and lately.filter(address=address).count() < settings.LINKS_PER_ADDRESS
        ):
            _write(Letter.Kind.LOST, email, address=address, created_at=now)


def mail_link(person: User) -> None:
    """Mail a one-time link to a person, where support staff may not see it. Call only where mail is configured."""
    _write(Letter.Kind.LINK, person.email, person=person, created_at=clock.now())


def tell(person: User, text: str, *, email: str = "") -> None:
    """Tell a person what was done to their account, where mail is configured; `email` if not at their present one."""
    if settings.HAS_MAIL:
        _write(Letter.Kind.NEWS, email or person.email, person=person, text=text, created_at=clock.now())


def _write(kind: Letter.Kind, email: str, *, created_at: datetime, **fields: object) -> None:
    Letter.objects.create(kind=kind, email=email, created_at=created_at, **fields)
    transaction.on_commit(sender.wake)


class Sender:
    """One thread in each process, there while something waits to be sent."""

    def __init__(self) -> None:
        self.guard, self.woken = threading.Lock(), threading.Event()
        self.thread: threading.Thread | None = None

    def wake(self) -> None:
        with self.guard:
            self.woken.set()
            if self.thread is None:
                self.thread = threading.Thread(target=self._run, name="letters", daemon=True)
                self.thread.start()

    def rest(self, seconds: float) -> bool:
        """Wait until nothing is left to send; returns whether that came true."""
        thread = self.thread
        if thread is not None:
            thread.join(seconds)
        return thread is None or not thread.is_alive()

    def _run(self) -> None:
        while True:
            self.woken.clear()
            try:
                is_done = send_waiting()
            except Error as error:
                log.warning("Letters could not be read: %s", error)
                is_done = False
            finally:
                connection.close()
            if not is_done:
                self.woken.wait(RETRY_SECONDS)
                continue
            with self.guard:
                if not self.woken.is_set():
                    self.thread = None
                    return


sender = Sender()


def send_waiting() -> bool:
    """Send the letters that wait, first the one whose last try is longest ago; False where letters are left unsent."""
    now = clock.now()
    remove_old(now)
    free = Letter.objects.filter(Q(tried_at=None) | Q(tried_at__lt=now - CLAIM), sent_at=None)
    while letter := free.order_by(F("tried_at").asc(nulls_first=True), "pk").first():
        if not free.filter(pk=letter.pk).update(tried_at=clock.now()):
            continue  # another process has it
        try:
            delivery = _send(letter)
        except Exception:  # of this letter alone, such as an address that cannot be written; the others are sent
            log.exception("The mail to %s could not be sent.", letter.email)
            continue
        match delivery.verdict:
            case Verdict.TAKEN:
                Letter.objects.filter(pk=letter.pk).update(sent_at=clock.now())
            case Verdict.RECIPIENT_REFUSED:  # the others may well be taken
                log.warning("The mail to %s was refused: %s", letter.email, delivery.error)
            case Verdict.MESSAGE_REFUSED | Verdict.NOT_REACHED:
                log.warning("The mail to %s could not be sent: %s", letter.email, delivery.error)
                return False
    return not Letter.objects.filter(sent_at=None).exists()


def remove_old(now: datetime | None = None) -> int:
    """Delete letters that no limit counts any more or that could not be sent for a day; returns how many."""
    return Letter.objects.filter(created_at__lt=(now or clock.now()) - KEPT_FOR).delete()[0]


def _send(letter: Letter) -> Delivery:
    """A letter for nobody, or for somebody who cannot sign in, counts as taken without being sent."""
    if letter.kind == Letter.Kind.NEWS:
        return send_to_one(_("Your account on Service Ticket"), f"{letter.text}\n", letter.email)
    person = User.objects.active().filter(email=letter.email).first()
    if person is None or (letter.kind == Letter.Kind.LOST and not person.has_usable_password()):
        return Delivery(Verdict.TAKEN)
    subject = render_to_string("accounts/lost_password_subject.txt").strip()
    asked = letter.kind == Letter.Kind.LOST
    context = {"name": person.shown_name, "link": one_time_link(person), "is_asked_for": asked}
    return send_to_one(subject, render_to_string("accounts/lost_password_mail.txt", context), person.email)
