"""Why something about a link is refused, beside what is wrong with its tickets."""

from __future__ import annotations

from http import HTTPStatus

from django.utils.translation import gettext_lazy as _

from config.errors import DomainError


class LinkNotFound(DomainError):
    status = HTTPStatus.NOT_FOUND
    code = "link_not_found"
    message = _("There is no such link, or one of its tickets was deleted.")


class NotYourLink(DomainError):
    status = HTTPStatus.FORBIDDEN
    code = "not_your_link"
    message = _("Only who has linked these tickets, or a manager, removes the link.")


class LinkedToItself(DomainError):
    code = "linked_to_itself"
    message = _("A ticket cannot be linked to itself. Choose another one.")


class AlreadyLinked(DomainError):
    status = HTTPStatus.CONFLICT
    code = "already_linked"
    message = _("These two tickets are linked in this way already.")


class TooManyLinks(DomainError):
    code = "too_many_links"
    message = _("One of the two tickets has 100 links, which is the most it can have. Remove one first.")
