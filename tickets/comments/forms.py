"""What people fill in to comment. Shapes only; the rules are in actions.py, beside this."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tickets.comments.models import COMMENT_LENGTH
from tickets.forms import TextArea
from tickets.uploads.forms import FilesForm


class CommentForm(forms.Form):
    text = TextArea(
        label=_("Comment"),
        rows=4,
        strip=False,
        max_length=COMMENT_LENGTH,
        help_text=_(
            "Markdown: **bold**, lists, `code`. Numbers of tickets become links; @ and an e-mail tells a person."
        ),
        attrs={"class": "short", "data-pictures": True},
    )


class NewCommentForm(FilesForm, CommentForm):
    is_question = forms.BooleanField(label=_("This is a question"), required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)

    def submission(self, ticket_id: uuid.UUID, files: str) -> tuple[uuid.UUID, dict[str, Any]]:
        """The fields of a valid form, and a key that is the same whenever the same form brings the same for a ticket.

        Another text gets another key, as do other files, so that nothing is lost when somebody goes back and writes on.
        """
        fields = dict(self.cleaned_data)
        form_key = fields.pop("key") or uuid.uuid4()
        return uuid.uuid5(form_key, f"{ticket_id}\0{fields['is_question']}\0{fields['text']}\0{files}"), fields
