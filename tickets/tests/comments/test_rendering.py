"""Markdown of comments as HTML: what it may hold, that nothing in it runs or asks anybody, and how long it takes."""

from __future__ import annotations

import pytest

from tests.support.hostile.comments import HOSTILE_COMMENTS, ID
from tests.support.hostile.judge import problems
from tests.support.patience import own_seconds
from tickets.comments import rendering
from tickets.comments.rendering import render

pytestmark = pytest.mark.no_database

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


def test_the_judge_finds_what_is_not_allowed() -> None:
    bad = [
        "<script>", "<p onclick=x>", "<a href='javascript:x' rel='nofollow noopener noreferrer'>", "<!--x-->", "<a>",
        "<img src='https://evil.example/x'>", "<p dir=x>", "<?x>", "<!DOCTYPE html>",
    ]  # fmt: skip
    assert [html for html in bad if not problems(html)] == []
    assert [html for _text, html in CASES if problems(html)] == []


def test_there_are_more_than_150_hostile_texts() -> None:
    assert len(set(HOSTILE_COMMENTS)) == len(HOSTILE_COMMENTS) > 150


@pytest.mark.parametrize("text", HOSTILE_COMMENTS, ids=range(len(HOSTILE_COMMENTS)))
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
    for text in HOSTILE_COMMENTS:
        assert problems(render(text).html) == []
