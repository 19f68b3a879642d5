"""Why something about a comment is refused, beside what is wrong with its ticket."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class CommentNotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "comment_not_found"
    message = _("There is no such comment, or it was removed.")


class NotYourComment(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "not_your_comment"
    message = _("This is somebody else's comment.")
