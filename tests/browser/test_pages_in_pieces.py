"""Pages whose HTML comes bit by bit, as from a busy server or over a poor line, and are drawn in between."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page
from pytest_httpserver import HTTPServer
from werkzeug import Response

from tests.browser.scenes import SCENES
from tests.browser.stage import Stage
from tests.browser.visits import Visit, shifts

# One for each arrangement of a page; `--long` takes all scenes.
ARRANGEMENTS = {
    "exchange-many",
    "exchange-dry-run-changes",
    "home-with-a-past",
    "inbox-of-a-manager",
    "list",
    "new-with-suggestion",
    "ticket-with-code",
    "triage",
}
WIDTHS = (1440, 360)
BETWEEN_PIECES = 0.02  # seconds: more than a frame, so that the browser draws what it has
MOST_PIECES = 60
# What is said only once a page is there takes room of its own; so does what is laid over the page and takes none.
MOST_MOVED = 0.001


def pieces_of(html: str) -> list[str]:
    """Cut behind ends of elements."""
    ends = re.split(
        r"(?<=</li>)|(?<=</p>)|(?<=</tr>)|(?<=</h1>)|(?<=</h2>)|(?<=</section>)|(?<=</a>)|(?<=</button>)", html
    )
    size = -(-len(ends) // MOST_PIECES)
    return ["".join(ends[at : at + size]) for at in range(0, len(ends), size)]


@pytest.mark.parametrize("part", range(2))
def test_what_is_drawn_stays_where_it_is(
    part: int, visit: Visit, stage: Stage, httpserver: HTTPServer, long_run: bool
) -> None:
    scenes = [scene for scene in SCENES if long_run or scene.name in ARRANGEMENTS][part::2]
    problems = []
    for scene in scenes:
        page = visit(scene.person(stage), viewport={"width": 1440, "height": 900})
        scene.go(page, stage)
        problems += [f"{scene.name}: {text}" for text in moved_while_it_comes(page, httpserver)]
        page.context.close()
        visit.contexts.clear()
    assert not problems, "\n".join(problems)


def moved_while_it_comes(page: Page, httpserver: HTTPServer) -> Iterator[str]:
    """What has moved while the present page's HTML came in pieces, on a desk and on a phone."""
    html = page.request.get(page.url).text().replace("<head>", f'<head><base href="{page.url}">', 1)

    def slowly() -> Iterator[bytes]:
        for piece in pieces_of(html):
            yield piece.encode()
            time.sleep(BETWEEN_PIECES)

    httpserver.clear()
    httpserver.expect_request("/").respond_with_handler(lambda _request: Response(slowly(), mimetype="text/html"))
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        page.goto(httpserver.url_for("/"))
        found = shifts(page)
        if sum(value for value, _nodes in found) > MOST_MOVED:
            yield f"{width} px: {found}"
