"""Why something about a question is refused, beside what is wrong with its comment."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class QuestionNotWaiting(DomainError):
    code = "question_not_waiting"
    message = _("No draft waits for an answer to this.")
