"""What the HTML of a comment may hold: plain text, in elements that do nothing, with links that are marked as such."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# The elements that may be there, each with its attributes.
ATTRIBUTES = {
    name: set(attributes.split())
    for names, attributes in [
        ("p h3 h4 h5 h6 li", "dir"),
        ("br hr strong em s code blockquote ul table thead tbody tr", ""),
        ("th td", "dir class"),
        ("ol", "start"),
        ("pre", "dir tabindex"),
        ("a", "href rel"),
        ("img", "src alt"),
    ]
    for name in names.split()
}
VALUES = {
    "dir": "auto|ltr",
    "class": "center|right",
    "start": "[0-9]+",
    "tabindex": "0",
    "rel": "nofollow noopener noreferrer",
    "href": r"https?://[^/?#\\].*|mailto:[^?].*|/desk/tickets/TKT-[0-9]{4}-[0-9]{6,9}/",
    "src": "/attachments/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/preview",
    "alt": "(?s).*",
}


class Judge(HTMLParser):
    """Notes all that is no plain text in elements that do nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.problems: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name not in ATTRIBUTES.get(tag, ()) or not re.fullmatch(VALUES[name], value or ""):
                self.problems.append(f"{tag} {name}={value}")
        if tag not in ATTRIBUTES or (tag == "a" and "rel" not in dict(attrs)):
            self.problems.append(tag)

    def handle_comment(self, data: str) -> None:
        self.problems.append(data)

    def handle_decl(self, decl: str) -> None:
        self.problems.append(decl)

    def unknown_decl(self, data: str) -> None:
        self.problems.append(data)

    def handle_pi(self, data: str) -> None:
        self.problems.append(data)


def problems(html: str) -> list[str]:
    judge = Judge()
    judge.feed(html)
    judge.close()
    return judge.problems
