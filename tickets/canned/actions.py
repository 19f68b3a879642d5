"""What managers do with their canned texts. Each has their own, and may share them with the others.

All raise ForbiddenRole for anybody else. Those on a given text raise CannedTextNotFound where it does not exist or
belongs to somebody else.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction

from accounts.models import User
from accounts.permissions import require_manager
from tickets.canned.errors import CannedNameTaken, CannedTextNotFound, TooManyCannedTexts
from tickets.canned.models import MOST_CANNED_TEXTS, CannedText


def keep_canned_text(user: User, *, name: str, text: str, is_shared: bool = False) -> CannedText:
    """Keep a text under a name. Raises TooManyCannedTexts, CannedNameTaken."""
    require_manager(user)
    with _one_name(), transaction.atomic():
        # The person's row is the lock under which texts are counted (on SQLite, the transaction itself).
        User.objects.select_for_update().get(pk=user.pk)
        if CannedText.objects.filter(owner=user).count() >= MOST_CANNED_TEXTS:
            raise TooManyCannedTexts
        return CannedText.objects.create(owner=user, name=name, text=text, is_shared=is_shared)


def change_canned_text(user: User, text_id: uuid.UUID, *, name: str, text: str, is_shared: bool) -> CannedText:
    """Raises CannedNameTaken."""
    canned = own_canned_text(user, text_id)
    with _one_name(), transaction.atomic():
        mine = CannedText.objects.filter(pk=text_id, owner=user)
        if not mine.update(name=name, text=text, is_shared=is_shared):
            raise CannedTextNotFound
    canned.name, canned.text, canned.is_shared = name, text, is_shared
    return canned


def delete_canned_text(user: User, text_id: uuid.UUID) -> CannedText:
    """Returns the text as it was."""
    canned = own_canned_text(user, text_id)
    CannedText.objects.filter(pk=text_id, owner=user).delete()
    return canned


def own_canned_text(user: User, text_id: uuid.UUID) -> CannedText:
    """This manager's text of this id."""
    require_manager(user)
    canned = CannedText.objects.filter(pk=text_id, owner=user).first()
    if canned is None:
        raise CannedTextNotFound
    return canned


@contextmanager
def _one_name() -> Iterator[None]:
    """Raises CannedNameTaken where the database refuses a second text of one name."""
    try:
        yield
    except IntegrityError as error:
        raise CannedNameTaken from error
