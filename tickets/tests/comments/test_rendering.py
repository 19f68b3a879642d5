"""Markdown of comments as HTML: what it may hold, that nothing in it runs or asks anybody, and how long it takes."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from tests.support.patience import own_seconds
from tickets.comments import rendering
from tickets.comments.rendering import render

pytestmark = pytest.mark.no_database

ID = "0a1b2c3d-0000-4000-8000-00000000abcd"
REL = 'rel="nofollow noopener noreferrer"'

# A text and the HTML that is made of it.
CASES = [
    ("Still broken.", '<p dir="auto">Still broken.</p>'),
    ("One\ntwo\n\nthree", '<p dir="auto">One<br>\ntwo</p>\n<p dir="auto">three</p>'),
    ("*a* **b** ~~c~~ `d`", '<p dir="auto"><em>a</em> <strong>b</strong> <s>c</s> <code>d</code></p>'),
    ("# Title", '<h3 dir="auto">Title</h3>'),
    ("###### Title", '<h6 dir="auto">Title</h6>'),
    ("> quoted", '<blockquote>\n<p dir="auto">quoted</p>\n</blockquote>'),
    ("- a\n- b", '<ul>\n<li dir="auto">a</li>\n<li dir="auto">b</li>\n</ul>'),
    ("3. a", '<ol start="3">\n<li dir="auto">a</li>\n</ol>'),
    ("- [x] done\n- [ ] open", '<ul>\n<li dir="auto">☑ done</li>\n<li dir="auto">☐ open</li>\n</ul>'),
    ("---", "<hr>"),
    ("```sql\nSELECT 1 < 2\n```", '<pre dir="ltr" tabindex="0"><code>SELECT 1 &lt; 2\n</code></pre>'),
    ("    indented", '<pre dir="ltr" tabindex="0"><code>indented\n</code></pre>'),
    (
        "a|b\n-|-:\n1|2",
        '<table>\n<thead>\n<tr>\n<th dir="auto">a</th>\n<th dir="auto" class="right">b</th>\n</tr>\n</thead>\n<tbody>\n'
        '<tr>\n<td dir="auto">1</td>\n<td dir="auto" class="right">2</td>\n</tr>\n</tbody>\n</table>',
    ),
    ("[a](https://example.com/b)", f'<p dir="auto"><a href="https://example.com/b" {REL}>a</a></p>'),
    ("<https://example.com>", f'<p dir="auto"><a href="https://example.com" {REL}>https://example.com</a></p>'),
    ("<ana@example.com>", f'<p dir="auto"><a href="mailto:ana@example.com" {REL}>ana@example.com</a></p>'),
    ("see https://example.com", '<p dir="auto">see https://example.com</p>'),
    (
        "As in TKT-2026-000123.",
        f'<p dir="auto">As in <a href="/desk/tickets/TKT-2026-000123/" {REL}>TKT-2026-000123</a>.</p>',
    ),
    (
        "[that one](/desk/tickets/TKT-2026-000123/)",
        f'<p dir="auto"><a href="/desk/tickets/TKT-2026-000123/" {REL}>that one</a></p>',
    ),
    ("`TKT-2026-000123`", '<p dir="auto"><code>TKT-2026-000123</code></p>'),
    (
        "[TKT-2026-000123](https://a.example)",
        f'<p dir="auto"><a href="https://a.example" {REL}>TKT-2026-000123</a></p>',
    ),
    ("XTKT-2026-000123 TKT-2026-123", '<p dir="auto">XTKT-2026-000123 TKT-2026-123</p>'),
    ("@ana look", '<p dir="auto">@ana look</p>'),
    (
        f"![The *printer*](attachment:{ID})",
        f'<p dir="auto"><img src="/attachments/{ID}/preview" alt="The printer"></p>',
    ),
    (f"![](attachment:{ID.upper()})", f'<p dir="auto"><img src="/attachments/{ID}/preview" alt=""></p>'),
    ("![a](https://a.example/x.png)", f'<p dir="auto"><a href="https://a.example/x.png" {REL}>a</a></p>'),
    (
        "![](https://a.example/x.png)",
        f'<p dir="auto"><a href="https://a.example/x.png" {REL}>https://a.example/x.png</a></p>',
    ),
    (
        "[![a](https://a.example/x.png)](https://b.example)",
        f'<p dir="auto"><a href="https://b.example" {REL}>a</a></p>',
    ),
    ('[a](https://a.example "title")', f'<p dir="auto"><a href="https://a.example" {REL}>a</a></p>'),
    (f"[a](attachment:{ID})", '<p dir="auto">a</p>'),
    ("a <b>c</b>", '<p dir="auto">a &lt;b&gt;c&lt;/b&gt;</p>'),
    ("[a]: https://a.example", '<pre dir="ltr" tabindex="0"><code>[a]: https://a.example</code></pre>'),
    ("&amp; &lt; &copy;", '<p dir="auto">&amp; &lt; ©</p>'),
]


@pytest.mark.parametrize(("text", "html"), CASES, ids=range(len(CASES)))
def test_markdown_becomes_this(text: str, html: str) -> None:
    assert render(text).html.strip() == html


# --- Nothing runs, and nobody is asked

HOSTILE = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<img src='https://evil.example/pixel.gif'>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<object data=data:text/html,x></object>",
    "<embed src=//evil.example>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css';</style>",
    "<meta http-equiv=refresh content=0;url=//evil.example>",
    "<base href=//evil.example/>",
    "<form action=//evil.example><input name=password></form>",
    "<body onload=alert(1)>",
    "<a href=javascript:alert(1)>a</a>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src onerror=alert(1)>'>",
    "<!--<img src='--><img src=x onerror=alert(1)>'>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php alert(1) ?>",
    "<!DOCTYPE html><html onclick=alert(1)>",
    "a <b onmouseover=alert(1)>b</b>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a]( javascript:alert(1))",
    "[a](<javascript:alert(1)>)",
    "[a](java\tscript:alert(1))",
    "[a](java&#10;script:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](&#x6A&#x61;vascript:alert(1))",
    "[a](java\\script:alert(1))",
    "[a](\x01javascript:alert(1))",
    "[a](vbscript:msgbox(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[a](data:image/svg+xml;base64,PHN2Zz4=)",
    "[a](file:///etc/passwd)",
    "[a](ftp://evil.example)",
    "[a](blob:https://evil.example/x)",
    "[a](about:blank)",
    "[a](//evil.example)",
    "[a](/\\evil.example)",
    "[a](\\\\evil.example)",
    "[a](https:evil.example)",
    "[a](https:///evil.example)",
    "[a](https:\\\\evil.example)",
    "[a](/desk/logout/)",
    "[a](/desk/tickets/TKT-2026-000123/delete/)",
    "[a](/desk/tickets/../logout/)",
    "[a](?next=x)",
    "[a](#top)",
    "[a](https://a.example 'onclick=alert(1)')",
    '[a](https://a.example "\\" onclick=alert(1) x=\\"")',
    '[a](https://a.example/"onclick="alert(1))',
    "[a](https://a.example/'><script>alert(1)</script>)",
    "[a][x]\n\n[x]: javascript:alert(1)",
    "[a][x]\n\n[x]: data:text/html,x",
    "<javascript:alert(1)>",
    "<data:text/html,x>",
    "<https://a.example/\"onmouseover=alert(1)>",
    "<a@b.example?body=x&bcc=evil@example.com>",
    "![a](javascript:alert(1))",
    "![a](data:image/png;base64,iVBORw0KGgo=)",
    "![a](//evil.example/pixel.gif)",
    "![a](/static/icon.svg)",
    "![a](/desk/logout/)",
    "![a](attachment:../../desk/logout/)",
    f"![a](attachment:{ID}/../../desk/logout/)",
    f"![a](attachment:{ID}?x=1)",
    f"![a](attachment:{ID}#x)",
    f"![a](attachment://{ID})",
    f"![\"onerror=\"alert(1)](attachment:{ID})",
    f"![a](attachment:{ID} 'onerror=alert(1)')",
    "![a](https://evil.example/pixel.gif)",
    "![![a](https://evil.example/1.gif)](https://evil.example/2.gif)",
    "[![a](https://evil.example/1.gif)](javascript:alert(1))",
    f"[![a](attachment:{ID})](javascript:alert(1))",
    "```html\n<script>alert(1)</script>\n```",
    "```\"onclick=\"alert(1)\n```",
    "``` <script>\nx\n```",
    "    <script>alert(1)</script>",
    "`<script>alert(1)</script>`",
    "a|<script>\n-|-\n<img src=x onerror=alert(1)>|b",
    "- [x] <script>alert(1)</script>",
    "# <script>alert(1)</script>",
    "> <script>alert(1)</script>",
    "*<script>alert(1)*</script>",
    "\\<script>alert(1)\\</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&#60;script&#62;alert(1)&#60;/script&#62;",
    "＜script＞alert(1)＜/script＞",
    "\u202e<script>alert(1)</script>\u202c",
    "[\u202eknab ruoy](https://evil.example)",
    "[a](https://\u202eelpmaxe.live)",
    "\x00<script>alert(1)</script>",
    "<scr\x00ipt>alert(1)</scr\x00ipt>",
    "TKT-2026-000123<script>alert(1)</script>",
    "TKT-2026-000123\"onclick=\"alert(1)",
    "@<script>alert(1)</script>",
    "<xss style=xss:expression(alert(1))>",
    "<p style=background:url(//evil.example)>",
    "{{7*7}} {% load x %} ${7*7} <%= 7*7 %>",
    "a|b\n:-:|-:\nx|y",
]  # fmt: skip
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


def test_the_judge_finds_what_is_not_allowed() -> None:
    bad = [
        "<script>", "<p onclick=x>", "<a href='javascript:x' rel='nofollow noopener noreferrer'>", "<!--x-->", "<a>",
        "<img src='https://evil.example/x'>", "<p dir=x>", "<?x>", "<!DOCTYPE html>",
    ]  # fmt: skip
    assert [html for html in bad if not problems(html)] == []
    assert [html for _text, html in CASES if problems(html)] == []


def test_there_are_more_than_a_hundred_hostile_texts() -> None:
    assert len(set(HOSTILE)) == len(HOSTILE) > 100


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_runs_and_nobody_is_asked(text: str) -> None:
    html = render(text).html
    assert problems(html) == []
    assert html.strip()


# --- Time


def within(before: str, middle: str, after: str, times: int) -> str:
    return before * times + middle + after * times


PIECES = [
    *("[", "]", "![", "[](", "[a](", "[a](<b", "[a](b", '[a](b "', "[a][b", "(", ">", "> ", ">a\n>\n"),
    *("*", "*a ", "*a**b", "**a *", "a***b**", "_a_ ", "*a_b~~c", "~", "~~a~~ ", "`", "``a`", "`a``b"),
    *("```\n", "~~~\n", "<", "<a", "<a@b", "<http://a", "<http://a.b> ", "&", "&a;", "&#x41;", "\\", "\\*", "\\\n"),
    *("a\n", "\n", " ", "    a\n\n", "\t", "- ", "- a\n", "- [x] a\n", "1. a\n   1. b\n", "- - - - - - a\n"),
    *("> > > > > > a\n", "# a\n", "a\n-\n", "---\n", "|", "|a", "a|b\n-|-\n", "|\n", "[a]: /b\n", "[a]: http://b\n"),
    *("[a\n", "[a]:b\n'c\n", "[a]\n", "TKT-2026-000001 ", "TKT-", "@a ", "https://a.b/c ", "مرحبا ", "😀", "e\u0301"),
]  # fmt: skip
WORST = {
    **{repr(piece): (piece * 10_000)[:10_000] for piece in PIECES},
    "nested brackets": within("[", "a", "]", 4_999),
    "nested brackets that a definition waits for": "[a]: http://b\n" + within("[", "a", "]", 2_000),
    "a definition used often": "[a]: http://b\n" + "[a]" * 3_000,
    "nested pictures": within("![", "a", "](http://b)", 800),
    "nested links": within("[", "a", "](http://b)", 800),
    "nested emphasis": within("*", "a", "*", 4_999),
    "nested emphasis of two kinds": within("*_", "a", "_*", 2_499),
    "emphasis that is only opened": "*a" * 5_000,
    "strong and struck": within("**~~", "a", "~~**", 1_249),
    "one long word": "x" * 10_000,
    "a table of a thousand columns": "|a" * 1_600 + "\n" + "|-" * 1_600 + "\n" + "a\n" * 1_800,
    "a table of twenty columns": "a|" * 20 + "\n" + "-|" * 20 + "\n" + "a\n" * 900,
    "a table of many rows": "a|b\n-|-\n" + "c|d\n" * 900,
    "backticks of all lengths": " ".join("`" * n for n in range(1, 140)),
    "a list in a list in a list": "".join("  " * n + "- a\n" for n in range(95)),
    "quotes in quotes": "\n".join(">" * n + " a" for n in range(135)),
    "an address without an end": "<" + "a" * 9_000 + "@",
    "a title without an end": "[a](b '" * 1_400,
}


@pytest.mark.parametrize("text", WORST.values(), ids=WORST)
def test_the_worst_text_takes_little_time_and_room(text: str) -> None:
    html, took = render(text).html, list[float]()
    while not took or (took[-1] >= 0.2 and len(took) < 4):  # again, since the machine may have stood still meanwhile
        with own_seconds() as seconds:
            render(text)
        took.append(seconds())
    assert min(took) < 0.2
    assert len(html) < 200_000
    assert problems(html) == []


def test_what_would_take_long_is_shown_as_it_was_typed() -> None:
    for text in ("[" * 10_000, ">" * 10_000, "- a\n" * 2_500, WORST["a table of a thousand columns"]):
        assert render(text).html.startswith('<pre dir="ltr" tabindex="0"><code>')


@pytest.mark.parametrize(
    "text", ["- a\n" * 300, "| a | b |\n|---|---|\n" + "| c | d |\n" * 300, "word *word* `word`, " * 500]
)
def test_what_people_write_is_no_matter_of_time(text: str) -> None:
    assert not render(text).html.startswith("<pre")


def test_a_fault_of_the_parser_lets_nothing_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rendering._PARSER, "render", lambda text, env: text)
    for text in HOSTILE:
        assert problems(render(text).html) == []
