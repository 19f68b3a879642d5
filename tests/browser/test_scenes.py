"""Every page and state, each looked at once for all that is promised of all of them."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.scenes import SCENES, Scene
from tests.browser.stage import Stage
from tests.browser.visits import Visit, shifts, sign_in

type Theme = Literal["light", "dark"]

PARTS = 6  # of the scenes, so that several workers can share them
CODE = ("script", "stylesheet")
WEIGHT = 45_000  # bytes of scripts and styles, compressed
WIDTHS = {"on a desk": 1440, "on a phone": 360, "at 200 % zoom": 720, "on paper": 718}

# A long table repeats what its first rows are. With --long all are judged.
LOOKED_AT = "{ exclude: ['tbody > tr:nth-child(n + 10)'] }"
CONTRAST = "color-contrast"

# Judging colours takes axe most of its time, and most of a page has the colours of the page before. This gives what has
# text in colours that were not judged yet, and names those: the text's own, how large and bold it is, and all that is
# painted behind it by what it stands in.
IN_NEW_COLOURS = """(judged) => {
  const known = new Set(judged), behind = new Map([[null, ""]]), places = [];
  const painted = (element) => {
    if (!behind.has(element)) {
      const { backgroundColor, backgroundImage, opacity, filter, position } = getComputedStyle(element);
      const own = [backgroundColor, backgroundImage, opacity, filter, position].join();
      const before = painted(element.parentElement);
      behind.set(element, own === "rgba(0, 0, 0, 0),none,1,none,static" ? before : `${before}/${own}`);
    }
    return behind.get(element);
  };
  for (const element of document.querySelectorAll("body, body *")) {
    const speaks = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if ((speaks || element.matches("input, select, textarea")) && element.checkVisibility()) {
      const { color, fontSize, fontWeight, textShadow } = getComputedStyle(element);
      const colours = [color, fontSize, fontWeight, textShadow, painted(element)].join();
      if (!known.has(colours)) {
        known.add(colours);
        places.push(element);
      }
    }
  }
  window.inNewColours = places;
  return [...known];
}"""

# What stands outside the window although nothing there can be scrolled into it.
CUT_OFF = """() => {
  const scrolls = (element) =>
    element && (getComputedStyle(element).overflowX !== "visible" || scrolls(element.parentElement));
  const isOut = ({ left, right, width, height }) =>
    width > 1 && height > 1 && (left < -1 || right > document.documentElement.clientWidth + 1);
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.checkVisibility() && isOut(element.getBoundingClientRect()))
    .filter((element) => !element.closest(".hidden-text") && !scrolls(element.parentElement))
    .map((element) => element.outerHTML.slice(0, 80)).slice(0, 3);
}"""


@pytest.mark.parametrize("part", range(PARTS))
def test_every_scene_is_sound(part: int, visit: Visit, stage: Stage, long_run: bool) -> None:
    scenes = SCENES[part::PARTS]
    size = {"width": 1440, "height": 900}
    page = None if long_run else visit(viewport=size)  # a network that was slow once is not the same afterwards
    problems = [
        f"{scene.name}: {text}"
        for scene in scenes
        for text in look_at(scene, page or visit(viewport=size), visit, stage, long_run)
    ]
    assert not problems, "\n" + "\n".join(problems)


def look_at(scene: Scene, page: Page, visit: Visit, stage: Stage, slowly: bool) -> Iterator[str]:
    """What is wrong with it."""
    begin_anew(page, scene.person(stage), visit.address)
    if slowly and not scene.complaint:  # offline is a condition of the network as well
        answers_come_late(page)
    files: set[str] = set()
    page.on("request", note := lambda request: files.add(request.url) if request.resource_type in CODE else None)
    scene.go(page, stage)
    page.remove_listener("request", note)
    yield from weight(page, files)
    yield from moved(page)
    yield from looks(page, slowly)
    yield from (text for text in visit.complaints if not (scene.complaint and re.search(scene.complaint, text)))
    visit.complaints.clear()


def begin_anew(page: Page, user: User | None, address: str) -> None:
    """As a browser that knows nothing of the desk. A new one would have to compile all that looks at a page again."""
    page.goto("/static/icon.svg")
    page.evaluate("localStorage.clear(); sessionStorage.clear()")
    page.context.clear_cookies()
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(media="screen", color_scheme="light")
    if user:
        sign_in(page.context, user, address)


def answers_come_late(page: Page) -> None:
    """Delay answers so much that a scene which does not wait for its page is looked at on the one before, and fails."""
    network = {"offline": False, "latency": 400, "downloadThroughput": -1, "uploadThroughput": -1}
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", network)


def looks(page: Page, whole: bool) -> Iterator[str]:
    yield from axe(page, "light", "document" if whole else LOOKED_AT, {"rules": {CONTRAST: {"enabled": whole}}})
    if not whole:
        yield from colours(page, "light")
        yield from colours(page, "dark")
    else:  # nothing else depends on the theme
        yield from axe(page, "dark", "document", {"runOnly": [CONTRAST]})
    for words, width in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": 740})
        page.emulate_media(media="print" if words == "on paper" else "screen")
        yield from (f"{words}: {text}" for text in cut_off(page))


def weight(page: Page, files: set[str]) -> Iterator[str]:
    sizes = {url: compressed_size(page, url) for url in files}
    if not 2000 < sum(sizes.values()) <= WEIGHT:
        yield f"scripts and styles: {sizes}"


SIZES: dict[str, int] = {}


def compressed_size(page: Page, url: str) -> int:
    """Each file is fetched once."""
    if url not in SIZES:
        SIZES[url] = len(gzip.compress(page.request.get(url).body(), 6))
    return SIZES[url]


def moved(page: Page) -> Iterator[str]:
    """What moved by itself; that of a page as a whole counts, not that somebody opened or typed something."""
    found = shifts(page)
    if sum(value for value, _nodes in found) > 0.001:
        yield f"moved: {found}"


JUDGED: dict[str, list[str]] = {"light": [], "dark": []}


def colours(page: Page, theme: Theme) -> Iterator[str]:
    """What cannot be read well, of all that has colours which this process has not judged yet in this theme."""
    page.emulate_media(color_scheme=theme)
    JUDGED[theme] = page.evaluate(IN_NEW_COLOURS, JUDGED[theme])
    if page.evaluate("inNewColours.length"):
        yield from axe(page, theme, "{ include: inNewColours }", {"runOnly": [CONTRAST]})


def axe(page: Page, theme: Theme, where: str, more: dict[str, Any]) -> Iterator[str]:
    """What breaks which rule there; `where` is a JavaScript expression, and `more` are options of axe.run."""
    page.emulate_media(color_scheme=theme)
    options = {"resultTypes": ["violations"], "selectors": False, "preload": False, **more}
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    for violation in page.evaluate(f"(options) => axe.run({where}, options).then((all) => all.violations)", options):
        nodes = [node["html"][:120] for node in violation["nodes"][:3]]
        yield f"{theme}: {violation['id']}: {violation['help']}: {nodes}"


def cut_off(page: Page) -> Iterator[str]:
    if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
        yield "scrolls sideways"
    yield from (f"cut off: {html}" for html in page.evaluate(CUT_OFF))


ADD_TEXT = """(style) => {
  const text = document.createElement("p");
  text.textContent = "Hard to read";
  text.style.cssText = style;
  document.querySelector("h1").after(text);
}"""


HARD_TO_READ = ["color: #777; background: #888", "color: #ccc", "opacity: 0.2", "font-size: 9px; color: #888"]


def test_colours_that_cannot_be_read_are_found(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of these is new beside what the page had before, whose colours are good."""
    page = visit()
    page.goto("/desk/login/")
    monkeypatch.setitem(JUDGED, "light", [])
    assert list(colours(page, "light")) == []
    for style in HARD_TO_READ:
        page.evaluate(ADD_TEXT, style)
        page.evaluate(ADD_TEXT, style)  # which has the same colours, and is not judged again
        [found] = colours(page, "light")
        assert found.startswith("light: color-contrast")
        assert found.count("Hard to read") == 1
        assert list(colours(page, "light")) == []


def test_on_paper_there_is_what_one_reads_and_nothing_to_press(visit: Visit, stage: Stage) -> None:
    stage.manager.theme = "DARK"
    stage.manager.save()
    page = visit(stage.manager)
    page.emulate_media(media="print")
    page.goto(f"/desk/tickets/{stage.draft.ticket_number}/")
    for shown in ("h1", ".facts", ".text", ".timeline"):
        expect(page.locator(shown)).to_be_visible()
    for hidden in (".bar", "#approve", "#review", "#reason", "#decision"):
        expect(page.locator(hidden)).to_be_hidden()
    assert page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
    assert " UTC)" in page.evaluate("getComputedStyle(document.querySelector('.facts time'), '::after').content")
    page.goto("/desk/tickets/?status=CLOSED")
    expect(page.get_by_text(stage.closed.title)).to_be_visible()
    expect(page.get_by_role("checkbox")).to_have_count(0)
