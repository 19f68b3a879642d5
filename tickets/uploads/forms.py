"""The field of a form in which people choose files."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tickets.uploads import limits
from tickets.uploads.sent import SentFiles


class FilesInput(forms.FileInput):
    """`data-most` and `data-over` tell a script what is too large, and what to say of it."""

    allow_multiple_selected = True

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        most = {"data-most": settings.ATTACHMENT_MAX_MB * limits.MB, "data-over": limits.over_limit()}
        return super().get_context(name, value, {**(attrs or {}), **most})

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        return files.getlist(name) if hasattr(files, "getlist") else []


class FilesField(forms.Field):
    """Any number of files, also none. `SentFiles` judges them."""

    widget = FilesInput(attrs={"multiple": True})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(label=_("Files"), required=False, **kwargs)


class FilesForm(forms.Form):
    """A form that brings files, and may bring more beside them."""

    file = FilesField()

    def clean(self) -> dict[str, Any]:
        """The files are no field of what the form says."""
        cleaned = super().clean() or {}
        cleaned.pop("file", None)
        return cleaned

    @property
    def sent(self) -> list[UploadedFile[Any]]:
        """The files that came along."""
        return self.files.getlist("file")

    def is_valid_with(self, files: SentFiles) -> bool:
        """Whether all of it can be taken. Has the form say which files were refused, and why."""
        is_valid = self.is_valid()
        for refused in files.refused:
            self.add_error("file", refused.words)
        return is_valid and not files.refused
