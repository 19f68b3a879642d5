"""Comments in Markdown as HTML in which nothing runs, and which asks nobody for anything when it is read.

Markdown is taken as CommonMark has it, with tables, struck out text and lists of tasks, and without HTML: what looks
like that is text. Whatever comes of it passes a list of the few elements and attributes that are allowed, so that a
fault of the parser cannot let anything through. Links lead to the web, to an e-mail or to a ticket. Pictures are those
of the ticket's own attachments; any other becomes a link, so that nobody's browser fetches it. Who is named stands
there with the mark that the desk draws for them.

The parser is written in Python, and there are texts that take it long. So it counts its steps, and a text of which it
would take too many, or which has too many lines or marks, is shown as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Any

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.parser_block import ParserBlock
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from accounts.models import User
from accounts.naming.marks import TONES
from tickets.comments import naming
from tickets.comments.models import Comment
from tickets.comments.naming import People
from tickets.texts.characters import is_invisible
from tickets.texts.numbers import NUMBER

# The number of this way of rendering, which is stored with each comment. Whoever changes what `render` makes of a text
# raises it; a comment that was rendered another way is rendered anew when it is read.
RENDERING = 2

MOST_STEPS = 12_000
STEPS_OF_BLOCK = 6
MOST_LINES = 1_000
MOST_MARKS = 3_000  # of emphasis, and of what is struck out
# Of one table. A row that leaves cells out is filled up, so a table may be a hundred times as large as its text.
MOST_CELLS = 2_000
MOST_NESTED = 20

_OWN = re.compile(rf"/desk/tickets/{NUMBER}/")
_ATTACHMENT = re.compile(r"attachment:([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})")
_PICTURE = re.compile(r"/attachments/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/preview")
_ELSEWHERE = re.compile(r"https?://[^/?#\\]|mailto:[^?]", re.IGNORECASE)
_TICKET = re.compile(rf"(?<![\w/-]){NUMBER}(?![\w-])")
_TAG = re.compile(r"<[^>]*>")
_DIRECTED = {"paragraph_open", "heading_open", "list_item_open", "th_open", "td_open"}
_ALIGNED = re.compile("text-align:(center|right)")


class _TooMuch(Exception):
    pass


def _step(env: Any, count: int = 1) -> None:
    """`env` belongs to one text."""
    env["steps"] = env.get("steps", 0) + count
    if env["steps"] > MOST_STEPS:
        raise _TooMuch


class _Inline(ParserInline):
    """Counts what it looks at ahead, and how deep the descriptions of pictures lie in one another."""

    def skipToken(self, state: Any) -> None:  # noqa: N802 - the parser's name
        _step(state.env)
        super().skipToken(state)

    def parse(self, src: str, md: MarkdownIt, env: Any, tokens: list[Token]) -> list[Token]:
        _step(env)
        env["depth"] = env.get("depth", 0) + 1
        if env["depth"] > MOST_NESTED:
            raise _TooMuch
        parsed = super().parse(src, md, env, tokens)
        env["depth"] -= 1
        return parsed


class _Block(ParserBlock):
    """Counts quotes and items of lists."""

    def tokenize(self, state: Any, startLine: int, endLine: int) -> None:  # noqa: N803 - the parser's names
        _step(state.env, STEPS_OF_BLOCK)
        super().tokenize(state, startLine, endLine)


def _table(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """The parser's own rule for tables, for those of at most MOST_CELLS."""
    if silent or not table(state, first, last, True):
        return table(state, first, last, silent)
    line = first
    while line < last and not state.isEmpty(line):
        line += 1
    columns = 1 + state.src.count("|", state.bMarks[first], state.eMarks[first])
    if columns * (line - first) > MOST_CELLS:
        raise _TooMuch
    return table(state, first, last, False)


class _Html(RendererHTML):
    def list_item_open(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        """A task has its box as a character, which needs no element that one could try to click."""
        token = tokens[idx]
        box = {True: "☑ ", False: "☐ "}.get(token.meta.get("checked"), "")
        return self.renderToken(tokens, idx, options, env) + box

    def fence(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        return _code(tokens[idx].content)

    def code_block(self, tokens: Any, idx: int, options: Any, env: Any) -> str:
        return _code(tokens[idx].content)


class _Parser(MarkdownIt):
    def validateLink(self, url: str) -> bool:  # noqa: N802 - the parser's name
        """Whether it may be a link or a picture; what may not stays text."""
        return bool(_ELSEWHERE.match(url) or _OWN.fullmatch(url) or _ATTACHMENT.fullmatch(url))


@dataclass(frozen=True, slots=True)
class Rendered:
    """The HTML of a comment, and whom it names."""

    html: str
    named: list[User]


def render(text: str, people: People | None = None) -> Rendered:
    """Takes time that grows no faster than the text, with bounds on what nests or repeats.

    `people` are those whom the text may name.
    """
    is_long = text.count("\n") > MOST_LINES or sum(map(text.count, "*_~")) > MOST_MARKS
    env: dict[str, Any] = {"people": people or {}, "named": {}}
    try:
        html = "" if is_long else _CLEANER.clean(_PARSER.render(text, env))
    except _TooMuch:
        html = ""
    # A text that only defines links, for one, shows nothing of itself.
    if "<img" in html or "<hr" in html or not is_invisible(_TAG.sub("", html)):
        return Rendered(html, list(env["named"].values()))
    return Rendered(_CLEANER.clean(_code(text)), [])


def html_of(comment: Comment) -> SafeString:
    """What is stored, or where that was made another way, what is made of the text now."""
    html = comment.html if comment.rendering == RENDERING else render(comment.text, naming.named_in(comment)).html
    return mark_safe(html)  # noqa: S308  # nosec B308 B703 # the cleaner has let it through


def safe_html(text: str) -> SafeString:
    """What a comment of this text would be, for a template."""
    return mark_safe(render(text, naming.people_in(text)).html)  # noqa: S308  # nosec B308 B703 # the same


def _made_ours(state: StateCore) -> None:
    """What follows the parser's own rules: directions, levels of headings, columns, pictures, people and numbers."""
    for token in state.tokens:
        if token.type in _DIRECTED:
            token.attrSet("dir", "auto")
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"  # the page has the first two
        if aligned := _ALIGNED.fullmatch(str(token.attrs.pop("style", ""))):
            token.attrSet("class", aligned[1])
        if token.children:
            token.children = list(_inline(token.children, state.env))


def _inline(tokens: list[Token], env: Any) -> Iterator[Token]:
    links: list[bool] = []  # of the links that are open, whether each is kept
    for token in tokens:
        if token.type == "link_open":
            links.append(not _ATTACHMENT.fullmatch(str(token.attrs["href"])))
            if links[-1]:
                yield token
        elif token.type == "link_close":
            if links.pop():
                yield token
        elif token.type == "image":
            yield from _picture(token, is_in_link=bool(links))
        elif token.type == "text" and not links:
            yield from _with_people(token.content, env)
        else:
            yield token


def _picture(token: Token, *, is_in_link: bool) -> Iterator[Token]:
    source = str(token.attrs["src"])
    if own := _ATTACHMENT.fullmatch(source):
        token.attrs = {"src": f"/attachments/{own[1].lower()}/preview", "alt": ""}
        yield token
        return
    words = "".join(child.content for child in token.children or ()) or source
    yield from [_text(words)] if is_in_link else _link(source, words)


def _with_people(text: str, env: Any) -> Iterator[Token]:
    at = 0
    for found in naming.NAMED.finditer(text):
        if person := env["people"].get(found[1]):
            env["named"][person.pk] = person
            yield from _with_tickets(text[at : found.start()])
            yield from _person(person)
            at = found.end()
    yield from _with_tickets(text[at:])


def _person(person: User) -> list[Token]:
    """As accounts/templatetags/people.py has it."""
    attributes: dict[str, str | int | float] = {
        "class": f"who tone-{person.tone} named",
        "data-initials": person.initials,
        "title": person.name_and_email,
    }
    name = [Token("bdi_open", "bdi", 1), _text(person.shown_name), Token("bdi_close", "bdi", -1)]
    return [Token("span_open", "span", 1, attrs=attributes), *name, Token("span_close", "span", -1)]


def _with_tickets(text: str) -> Iterator[Token]:
    at = 0
    for found in _TICKET.finditer(text):
        yield _text(text[at : found.start()])
        yield from _link(f"/desk/tickets/{found[0]}/", found[0])
        at = found.end()
    yield _text(text[at:])


def _link(address: str, words: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": address}), _text(words), Token("link_close", "a", -1)]


def _text(words: str) -> Token:
    return Token("text", "", 0, content=words)


def _code(text: str) -> str:
    """`tabindex`, because what scrolls has to be reached by the keyboard as well."""
    return f'<pre dir="ltr" tabindex="0"><code>{escape(text)}</code></pre>'


def _allowed(tag: str, name: str, value: str) -> str | None:
    """The value of an attribute; None where it leads to what no link or picture may."""
    if name == "src":
        return value if _PICTURE.fullmatch(value) else None
    if name == "href":
        return value if _ELSEWHERE.match(value) or _OWN.fullmatch(value) else None
    return value


def _made_parser() -> MarkdownIt:
    rules = {"html": False, "breaks": True, "tasklists": True, "maxNesting": MOST_NESTED}
    parser = _Parser("commonmark", rules, renderer_cls=_Html)
    parser.inline, parser.block = _Inline(), _Block()
    parser.configure("commonmark", rules).enable(["table", "strikethrough"]).disable(["html_block", "html_inline"])
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.core.ruler.push("made_ours", _made_ours)
    return parser


_PARSER = _made_parser()
_TAGS = "p br hr h3 h4 h5 h6 strong em s code pre blockquote ul ol li table thead tbody tr th td a img span bdi"
_CLEANER = nh3.Cleaner(
    tags=set(_TAGS.split()),
    clean_content_tags=set(),
    attributes={
        "*": set(),
        **{tag: {"dir"} for tag in ("p", "h3", "h4", "h5", "h6", "li", "th", "td")},
        "pre": {"dir", "tabindex"},
        "a": {"href"},
        "img": {"src", "alt"},
        "ol": {"start"},
        "span": {"data-initials", "title"},
    },
    allowed_classes={
        "th": {"center", "right"},
        "td": {"center", "right"},
        "span": {"who", "named", *(f"tone-{tone}" for tone in range(1, TONES + 1))},
    },
    url_schemes={"http", "https", "mailto"},
    url_relative="pass_through",
    attribute_filter=_allowed,
    link_rel="nofollow noopener noreferrer",
)
