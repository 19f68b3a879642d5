"""Files that wait for the form that they were chosen for.

Only actions.py, claiming.py and tidying.py, beside this, write them.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from tickets.attachments.models import KeptFile

# How long one waits. Then `manage.py tidy` takes it away.
WAITS = timedelta(days=1)
_BRACKETS = re.compile(r"[\[\]\\]")


class UploadQuerySet(models.QuerySet["Upload"]):
    def of(self, user: User) -> Self:
        """Those of this person. Nobody else is to see a byte of them."""
        return self.filter(uploaded_by=user)

    def oldest_first(self) -> Self:
        return self.order_by("created_at", "pk")


class Upload(KeptFile):
    """A file that a person has chosen for a comment or a ticket that they have not sent yet.

    Sending it makes an attachment of the same id, so that a text can name the picture before; the row goes then.
    """

    objects: ClassVar[UploadQuerySet] = UploadQuerySet.as_manager()  # type: ignore[assignment]  # a manager of it

    class Meta(KeptFile.Meta):
        verbose_name = _("upload")
        verbose_name_plural = _("uploads")
        indexes = [models.Index(fields=["created_at"], name="upload_by_age")]

    @property
    def markdown(self) -> str:
        """How a comment shows the picture."""
        return f"![{_BRACKETS.sub(r'\\\g<0>', self.file_name)}](attachment:{self.pk})"
