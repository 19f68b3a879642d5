"""How a ticket's text is shown: prose with its links, code as it stands, and each text in its own direction."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest

from accounts.models import User
from tests.support import factories
from tests.support.long_texts import TEXTS, little_time
from tests.support.pages import Desk, html
from tickets.saved_views import actions
from tickets.templatetags.desk import formatted
from tickets.texts.blocks import blocks

JAVA = """java.lang.IllegalStateException: broken
\tat com.example.Desk.open(Desk.java:12)
\tat com.example.Main.main(Main.java:3)
Caused by: java.io.IOException: no paper
\t... 2 more"""
PYTHON = """Traceback (most recent call last):
  File "/srv/desk.py", line 3, in <module>
    print(1 / 0)
          ~~^~~
ZeroDivisionError: division by zero"""
SCRIPT = "TypeError: x is not a function\n    at open (https://desk.example/a.js:10:4)\n  at a.js:3:1"
DOTNET = "System.NullReferenceException: nothing\n   at Desk.Open(String name) in C:\\desk.cs:line 5"
GO = "panic: boom\n\ngoroutine 1 [running]:\n\tmain.go:4 +0x39"
RUBY = "/srv/desk.rb:3:in 'open': no paper (RuntimeError)\n\tfrom /srv/desk.rb:9:in '<main>'"
PHP = "#0 /srv/desk.php(12): open()\n#1 {main}"

# The text and its blocks, those that are code in brackets.
CASES = [
    ("One\n\ntwo", ["One\n\ntwo"]),
    ("Look:\n    indented\n    too\nend", ["Look:", ["    indented\n    too"], "end"]),
    ("\tby a tab", [["\tby a tab"]]),
    ("   three spaces\n- a list\n  of two", ["   three spaces\n- a list\n  of two"]),
    ("1. One\n     goes on\n     and on\n- two\n    too", ["1. One\n     goes on\n     and on\n- two\n    too"]),
    ("1. One\n\n    code", ["1. One", ["    code"]]),
    ("    a\n\n    b\n\nc", [["    a\n\n    b"], "c"]),
    ("So:\n```sql\nSELECT 1\n\nFROM x\n```\nend", ["So:", ["SELECT 1\n\nFROM x"], "end"]),
    ("~~~\n```\n~~~", [["```"]]),
    ("````\n```\n````", [["```"]]),
    ("```\nnever closed", [["never closed"]]),
    ("```\n```\nnothing fenced", ["nothing fenced"]),
    ("a ``` b", ["a ``` b"]),
    (f"It says\n{JAVA}\nHelp", ["It says", [JAVA], "Help"]),
    (f"{PYTHON}\n\nsince Monday", [[PYTHON], "since Monday"]),
    (SCRIPT, [[SCRIPT]]),
    (DOTNET, [[DOTNET]]),
    (GO, [[GO]]),
    (RUBY, [[RUBY]]),
    (PHP, [[PHP]]),
    ("Caused by: the storm.\nError: I see this", ["Caused by: the storm.\nError: I see this"]),
    ("a\r\n\tb\rc", ["a", ["\tb"], "c"]),
    ("meet me\n at noon (or later)", ["meet me\n at noon (or later)"]),
]


@pytest.mark.no_database
@pytest.mark.parametrize(("text", "expected"), CASES, ids=range(len(CASES)))
def test_lines_that_are_code_are_told_from_prose(text: str, expected: list[str | list[str]]) -> None:
    shown = ["\n".join(block.lines) for block in blocks(text)]
    assert [[text] if block.is_code else text for block, text in zip(blocks(text), shown, strict=True)] == expected


@pytest.mark.no_database
def test_code_is_folded_past_thirty_lines() -> None:
    def page(count: int) -> str:
        return formatted("\n".join(f"\tline {n}" for n in range(1, count + 1)))

    assert "<details>" not in page(30)
    head, summary, rest = re.split(r"<details><summary>(.*?)</summary>", page(42))
    assert (head.count("line"), "line 30" in head, summary, rest.count("line")) == (30, True, "12 more lines", 12)
    assert "1 more line<" in page(31)


@pytest.mark.no_database
def test_prose_has_links_and_code_has_none_and_nothing_runs() -> None:
    shown = formatted("See www.example.com <b>\n\n\t<script>http://example.com/&amp;")
    assert shown == (
        '<p dir="auto">See <a href="https://www.example.com" rel="nofollow">www.example.com</a> &lt;b&gt;</p>'
        '<pre dir="ltr" tabindex="0"><code>\t&lt;script&gt;http://example.com/&amp;amp;</code></pre>'
    )


HOSTILE = {
    **TEXTS,
    "code and prose by turns": "\tx\ny\n" * 20_000,
    "frames and prose by turns": "#1 /\nx\n" * 14_000,
    "names of errors": "Error\n\n" * 14_000,
    "empty fences": "```\n" * 25_000,
    "places in lines": f" at {'(:1' * 33_000}",
    "one long frame": f"{'a:1' * 33_000}:in",
}


@pytest.mark.no_database
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_any_text_is_shown_in_little_time(text: str) -> None:
    with little_time():
        formatted(text)


# --- Direction

ARABIC = "خطأ في الطابعة (HP-4050)! رقم 12"
EMPTY = {"input", "br", "meta", "link", "img", "hr", "wbr", "col", "rect", "path", "circle", "line", "use"}


class Directions(HTMLParser):
    """Notes for each place with the text the nearest element that sets a direction, or that there is none."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, str | None]] = []
        self.places: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        direction = "auto" if tag == "bdi" else given.get("dir")
        if tag == "input" and ARABIC in (given.get("value") or "") and given.get("type") != "hidden":
            self.places.append(direction)
        if tag not in EMPTY:
            self.open.append((tag, direction))

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "خطأ" in data and "title" not in [tag for tag, _direction in self.open]:
            self.places.append(next((direction for _tag, direction in reversed(self.open) if direction), None))


@pytest.mark.django_db
def test_every_text_of_a_person_stands_in_its_own_direction() -> None:
    author, boss, other = factories.associate(), factories.manager(), factories.manager()
    desks = {"author": Desk(author), "boss": Desk(boss)}
    factories.ticket(author=author, title=ARABIC)
    made = factories.ticket(author=author, title=ARABIC, description=f"{ARABIC}\n{ARABIC}", severity="LOW")
    change = {"decision": "HIGH", "reason": ARABIC, "version": "1"}
    sent_back = factories.ticket(author=author, title=ARABIC, description=ARABIC, severity="LOW")
    assert Desk(other).post(f"/desk/tickets/{sent_back.ticket_number}/review/", change).status_code == 302
    actions.save_view(boss, name=ARABIC, query="overdue=1")
    page = f"/desk/tickets/{made.ticket_number}/"
    asked = {
        "list": desks["boss"].get("/desk/tickets/"),
        "search": desks["boss"].get(f"/desk/tickets/?q={quote(ARABIC)}"),
        "home of a manager": desks["boss"].get("/desk/"),
        "home of an author": desks["author"].get("/desk/"),
        "inbox": desks["author"].get("/desk/inbox/"),
        "inbox of a manager": desks["boss"].get("/desk/inbox/"),
        "ticket": desks["boss"].get(page),
        "sent back": desks["author"].get(f"/desk/tickets/{sent_back.ticket_number}/"),
        "edit": desks["author"].get(f"/desk/tickets/{sent_back.ticket_number}/edit/"),
        "views": desks["boss"].get("/desk/tickets/views/"),
        "similar": desks["author"].get(f"/desk/tickets/similar/?title={quote(ARABIC)}"),
        "refused": desks["author"].post("/desk/tickets/new/", {"title": ARABIC, "description": ARABIC}),
        "unsent": desks["boss"].post(f"{page}review/", {"decision": "LOW", "reason": ARABIC, "version": "9"}),
        "bulk": desks["boss"].post("/desk/tickets/bulk/", {"action": "approve", "ticket": str(made.pk)}),
    }
    lost = {}
    for name, answer in asked.items():
        parser = Directions()
        parser.feed(html(answer))
        assert parser.places, f"{name}: {answer.status_code}"
        if wrong := [place for place in parser.places if place != "auto"]:
            lost[name] = wrong
    assert lost == {}


def test_a_title_in_the_next_notice_stands_apart(boss_desk: Desk, author: User) -> None:
    first, second = (factories.ticket(author=author, title=ARABIC, severity="LOW") for _twice in range(2))
    page = f"/desk/tickets/{first.ticket_number}/"
    answer = boss_desk.post(f"{page}review/?list=sort%3Dnumber&at=0", {"decision": "APPROVE", "version": "1"})
    assert f"Next: {second.ticket_number} <bdi>{ARABIC}</bdi></a>" in boss_desk.text(answer.headers["Location"])


@pytest.fixture
def author(db: None) -> User:
    return factories.associate()


@pytest.fixture
def boss_desk(db: None) -> Desk:
    return Desk(factories.manager())
