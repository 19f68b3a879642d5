"""What was asked before drafts waited for answers, and what comes with a past, holds as if it were asked now."""

from __future__ import annotations

import importlib
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.utils import timezone

from tests.support import factories
from tickets import actions
from tickets.backfill.comments import CommentRecord, backfill_comments
from tickets.comments.actions import add_comment, remove_comment
from tickets.models import Question, Ticket

pytestmark = pytest.mark.django_db


def ask(draft: Ticket, asker: Any, text: str) -> Any:
    return add_comment(asker, draft.pk, text=text, is_question=True)


def questions() -> list[tuple[str, str]]:
    return sorted(Question.objects.values_list("comment__text", "ending"))


def test_an_update_carries_over_what_is_still_open() -> None:
    author, boss = factories.associate(), factories.manager()
    waits, answered, again, theirs = (factories.ticket(author=author) for _ in range(4))
    asked = ask(waits, boss, "waits")
    ask(waits, factories.associate(), "of a colleague")
    remove_comment(boss, ask(waits, boss, "removed").pk)
    factories.comment(waits, author=boss)
    ask(answered, boss, "answered")
    factories.comment(answered, author=author)
    factories.comment(answered, author=author)
    ask(again, boss, "of an earlier draft")
    actions.edit_ticket(author, factories.advance(again, "REVIEW").pk, title="Once more")
    ask(again, boss, "of the present draft")
    ask(theirs, author, "by its author")
    ask(factories.ticket("PENDING"), boss, "of an approved one")
    expected = [("answered", "ANSWERED"), ("of the present draft", ""), ("waits", "")]
    Question.objects.all().delete()
    importlib.import_module("tickets.migrations.0042_carry_questions_over").carry_over(apps, None)
    assert questions() == expected
    assert Question.objects.get(pk=asked.pk).waits_until == asked.created_at + timedelta(days=7)


def test_comments_of_the_past_ask_as_well() -> None:
    author, boss = factories.associate(), factories.manager()
    draft, done = factories.ticket(author=author), factories.ticket("PENDING", author=author)
    ages = {"long ago": 30, "answered": 3, "waits": 2}
    now = timezone.now().replace(microsecond=0)
    Ticket.objects.update(created_at=now - timedelta(days=40), updated_at=now - timedelta(days=40), year=now.year)
    draft.refresh_from_db()
    records = [CommentRecord(draft, boss, text, now - timedelta(days=age), True) for text, age in ages.items()]
    records.append(CommentRecord(draft, author, "It is.", now - timedelta(days=2, hours=1)))
    records.append(CommentRecord(done, boss, "too late", now, True))
    backfill_comments(records)
    assert questions() == [("answered", "ANSWERED"), ("long ago", ""), ("waits", "")]
    assert [question.comment.text for question in Question.objects.waiting()] == ["waits"]
