from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe


class LongSelect(forms.Select):
    """A list of hundreds of options without groups, for each of which Django would render a template.

    What it writes is what Django's would be, but for the spaces between the options.
    """

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = {str(each) for each in self.format_value(value)}
        options = [self._option(str(key), label, str(key) in chosen) for key, label in self.choices]
        written = flatatt(self.build_attrs(self.attrs, {"name": name, **(attrs or {})}))
        inside = mark_safe("\n".join(options))  # noqa: S308  # nosec B308, B703 - each is escaped below
        return format_html("<select{}>{}</select>", written, inside)

    @staticmethod
    def _option(key: str, label: Any, is_chosen: bool) -> str:
        selected = " selected" if is_chosen else ""
        return f'<option value="{conditional_escape(key)}"{selected}>{conditional_escape(label)}</option>'
