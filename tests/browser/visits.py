"""What tests and whoever takes pictures do in a browser: start it, sign somebody in, press keys, watch things move."""

from __future__ import annotations

import shutil
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from accounts.models import User
from tests.support.pages import session_of
from tests.support.patience import PATIENCE
from tests.support.plugin import PROGRAMS

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def chromium(*, without_windows: bool) -> str:
    """The program. One `without_windows` keeps nothing on the disk and takes half the time; any does instead of it."""
    names = ("chromium-headless-shell", *PROGRAMS["chromium"]) if without_windows else PROGRAMS["chromium"]
    return next(path for name in names if (path := shutil.which(name)))


# Notes how far things on the page have moved by themselves, also shortly after a key or a click. The browser tells of
# it some time after it has drawn, so whoever looks asks for what has been drawn up to then.
SHIFTS = """
window.shifts = [];
{
  const note = (entries) => {
    for (const entry of entries)
      window.shifts.push([entry.value, entry.sources.map((source) => source.node?.outerHTML?.slice(0, 60)).join(" ")]);
  };
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "layout-shift", buffered: true });
  window.drawnShifts = async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    note(observer.takeRecords());
    return window.shifts;
  };
}
"""


class Visit:
    """Opens pages as one person, and notes what the browser complains of: scripts, the content security policy, files.

    That a page itself has a status such as 404 is no complaint.
    """

    def __init__(self, browser: Browser, address: str) -> None:
        self.browser, self.address = browser, address
        self.contexts: list[BrowserContext] = []
        self.complaints: list[str] = []

    def __call__(self, user: User | None = None, **options: Any) -> Page:
        context = self.browser.new_context(
            base_url=self.address, **{"reduced_motion": "reduce", "locale": "en-GB", "timezone_id": "UTC"} | options
        )
        context.set_default_timeout(PATIENCE * 1000)
        self.contexts.append(context)
        if user:
            sign_in(context, user, self.address)
        page = context.new_page()
        page.add_init_script(SHIFTS)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        return page

    def _listen(self, message: ConsoleMessage) -> None:
        place, page = message.location["url"], message.page
        if "status of" not in message.text or page is None or urlsplit(place).path != urlsplit(page.url).path:
            self.complaints.append(f"{place}: {message.text}")

    def close(self) -> None:
        for context in self.contexts:
            context.close()


def shifts(page: Page) -> list[list[Any]]:
    """How far things have moved, and what."""
    moved: list[list[Any]] = page.evaluate("window.drawnShifts()")
    return moved


def forget_shifts(page: Page) -> None:
    """What somebody opens may move what follows it."""
    page.evaluate("window.drawnShifts?.().then((shifts) => { shifts.length = 0 })")


def press(page: Page, keys: str) -> None:
    """One key after another, once the page listens: its address and its text are there before its script."""
    page.wait_for_load_state()
    for key in keys.split():
        page.keyboard.press(key)


def tab_to(page: Page, element: Locator, keys: str = "Tab") -> None:
    """By this key alone. Fails for what no keyboard reaches, in twice as many steps as any page has."""
    page.wait_for_load_state()
    for _ in range(200):
        page.keyboard.press(keys)
        if element.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{element} is not reached by {keys}")


def sign_in(context: BrowserContext, user: User, address: str) -> None:
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session_of(user), "url": address}])
