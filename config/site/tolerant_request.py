"""Django's request, but with a Content-Type that may be anything."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIRequest

# Characters. No type has more, and reading one takes time that grows with the square of its length.
LONGEST_TYPE = 1_000


class TolerantRequest(WSGIRequest):
    """Takes a Content-Type that cannot be parsed for none at all.

    Django parses it while it makes the request, before any middleware runs. What it raises there passes every handler
    of ours, and the server would answer with a bare 500.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        if len(meta.get("CONTENT_TYPE", "")) > LONGEST_TYPE:
            meta["CONTENT_TYPE"] = ""
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]  # not in the stubs
        except BadRequest:
            meta["CONTENT_TYPE"] = ""  # or whoever reads it again, as DRF does, would meet the same
            self.content_type, self.content_params = "", {}
        except ValueError:  # of the look-up of a charset that has a NUL in its name; it is refused as any unknown one
            return
