"""Naming people in comments: an `@` and their e-mail, as in `@maria.silva@example.com`.

An e-mail is one person's only, can be read and written without the desk, and stays what it was in a text that is kept.
What names nobody who can sign in stays text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice

from accounts.email_spelling import one_spelling
from accounts.models import User, UserQuerySet
from tickets.comments.models import Comment, Mention

NAMED = re.compile(r"(?<![\w.@+-])@([\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8})")
MOST_NAMED = 20  # people in one comment; who is named behind them stays text
MOST_SOUGHT = 100  # different e-mails in one text

type People = Mapping[str, User]  # by their e-mails, as they are written in the text


def people_in(text: str) -> People:
    """The people whom a comment of this text may name: the first MOST_NAMED of those who can sign in."""
    return _people_in(text, User.objects.active())


def named_in(comment: Comment) -> People:
    """The people whom this comment names, as far as their e-mails are still those."""
    mentions = Mention.objects.filter(ticket=comment.ticket_id, comment=comment)
    return _people_in(comment.text, User.objects.filter(pk__in=mentions.values("person")))


def _people_in(text: str, among: UserQuerySet) -> People:
    written = islice(dict.fromkeys(found[1] for found in NAMED.finditer(text)), MOST_SOUGHT)
    emails = {each: one_spelling(each) for each in written}
    if not emails:
        return {}
    people = {person.email: person for person in among.filter(email__in=set(emails.values()))}
    named = list(dict.fromkeys(email for email in emails.values() if email in people))[:MOST_NAMED]
    return {each: people[email] for each, email in emails.items() if email in named}
