"""Why something about a canned text is refused."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class CannedTextNotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "canned_text_not_found"
    message = _("There is no such text, or it is not yours.")


class CannedNameTaken(DomainError):
    code = "canned_name_taken"
    message = _("You have a text of this name already. Choose another one.")


class TooManyCannedTexts(DomainError):
    code = "too_many_canned_texts"
    message = _("You have 50 texts, which is the most one can have. Delete one first.")
