"""The mail of what somebody is told of a ticket, and the daily one of several tickets.

All mails about a ticket answer to one that was never sent, whose id is made of the ticket's: so every mail program
shows them as one thread. The id of a mail is made of the key under which it was claimed, so that programs know one that
comes twice by it.
"""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import HeaderRegistry, UnstructuredHeader
from email.policy import EmailPolicy, Policy, default
from itertools import groupby
from typing import Any, cast

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from config import env
from tickets.inbox.models import Told, ToldQuerySet
from tickets.inbox.notifications import shown_to
from tickets.links.duplicates import name_duplicates
from tickets.models import Ticket
from tickets.outbox.claiming import Claimed
from tickets.outbox.leaving import link_to_leave
from tickets.outbox.pictures import html_for_mail, names_of_pictures, text_for_mail
from tickets.templatetags.desk import flat
from tickets.workflow import Action

# What does not find room stands in the inbox.
MOST_IN_ONE_MAIL = 50


class _Whole(UnstructuredHeader):
    """A header of ASCII that stays on one line, however long the address in it is.

    The email package writes what does not fit into a line as an encoded word, in which nobody looks for an address.
    """

    def fold(self, *, policy: EmailPolicy) -> str:
        return f"{self.name}: {self}{policy.linesep}"  # type: ignore[attr-defined]  # of the class that it is mixed into


_HEADERS = HeaderRegistry()
for _name in ("message-id", "in-reply-to", "references", "list-id", "list-unsubscribe"):
    _HEADERS.map_to_type(_name, _Whole)  # type: ignore[arg-type]  # it mixes BaseHeader in, as for the package's own


class Mail(EmailMultiAlternatives):
    def message(self, *, policy: Policy[Any] | None = None) -> Any:
        own = cast("EmailPolicy", policy or default).clone(header_factory=_HEADERS)
        return super().message(policy=own)


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that somebody is told of; `address` is its very place, empty where one may not go there."""

    told: Told
    address: str
    text: str
    html: SafeString | None


@dataclass(frozen=True, slots=True)
class Group:
    """What there is to tell of one ticket."""

    ticket: Ticket
    heading: str
    address: str
    things: list[Thing]


def compose(mail: Claimed) -> Mail | None:
    """None where the person has read all of it meanwhile, or may no longer see it."""
    rows = shown_to(mail.person).filter(is_read=False, pk__in=mail.rows.values("pk"))
    groups = _groups(mail.person, rows)
    if not groups:
        return None
    shown = sum(len(group.things) for group in groups)
    only = None if mail.is_digest else groups[0].ticket
    link = settings.PUBLIC_URL + link_to_leave(mail.person, only)
    context = {
        "person": mail.person,
        "groups": groups,
        "is_digest": mail.is_digest,
        "more": rows.count() - shown if shown == MOST_IN_ONE_MAIL else 0,
        "link": link,
        "public_url": settings.PUBLIC_URL,
    }
    subject = groups[0].heading if only else _digest_subject(len(groups))
    body = render_to_string("tickets/mail/mail.txt", context)
    message = Mail(subject, body, None, [mail.person.email], headers=_headers(mail, only, link))
    message.attach_alternative(render_to_string("tickets/mail/mail.html", context), "text/html")
    return message


def _digest_subject(count: int) -> str:
    words = ngettext("What is new on %(count)d ticket", "What is new on %(count)d tickets", count)
    return words % {"count": count}


def _headers(mail: Claimed, ticket: Ticket | None, link: str) -> dict[str, str]:
    host = env.host_of(settings.PUBLIC_URL)
    headers = {
        "Message-ID": f"<mail-{mail.key}@{host}>",
        "List-Id": f"Service Ticket <tickets.{host}>",
        "List-Unsubscribe": f"<{link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        # Programs that answer by themselves, such as while somebody is away, have nobody to answer here.
        "Auto-Submitted": "auto-generated",
        "Precedence": "bulk",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
    }
    if ticket is not None:
        root = f"<ticket-{ticket.pk}@{host}>"
        headers |= {"In-Reply-To": root, "References": root}
    return headers


def _groups(person: User, rows: ToldQuerySet) -> list[Group]:
    """The newest things, by ticket and in the order in which they came about."""
    can_open: dict[str, Any] = {"is_open": Exists(Ticket.objects.visible_to(person).filter(pk=OuterRef("ticket")))}
    loaded = rows.select_related("ticket", "comment__author", "entry__user").defer("ticket__description")
    newest = list(loaded.annotate(**can_open).newest_first()[:MOST_IN_ONE_MAIL])
    name_duplicates(person, newest)
    names = names_of_pictures(told.comment for told in newest if told.comment)
    newest.sort(key=lambda told: (told.ticket.year, told.ticket.sequence, told.created_at, told.pk))
    return [_group(person, list(some), names) for _ticket, some in groupby(newest, key=lambda told: told.ticket_id)]


def _group(person: User, several: list[Told], names: dict[Any, str]) -> Group:
    """Of a deleted ticket nobody is told more than its number but who may still see it, and its author."""
    ticket, is_open = several[0].ticket, several[0].is_open
    title = flat(ticket.title) if is_open or ticket.created_by_id == person.pk else _("Deleted ticket")
    address = _address_of(ticket) if is_open else ""
    things = [_thing(told, address, names) for told in several]
    return Group(ticket, f"[{ticket.ticket_number}] {title}", address, things)


def _address_of(ticket: Ticket) -> str:
    return settings.PUBLIC_URL + reverse("tickets:ticket", args=[ticket.ticket_number])


def _thing(told: Told, address: str, names: dict[Any, str]) -> Thing:
    if comment := told.comment:
        place = f"{address}?comment={comment.pk}#comment-{comment.pk}"
        return Thing(told, place, text_for_mail(comment), html_for_mail(comment, names))
    reason = told.entry.review_reason if told.entry and told.entry.action == Action.SEVERITY_CHANGED else ""
    return Thing(told, _address_of(told.duplicate_of) if told.duplicate_of else address, reason, None)
