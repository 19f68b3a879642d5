"""Takes the pictures; started by tests/browser/screenshots.py as a test, for its database and its server."""

from __future__ import annotations

import os
from pathlib import Path

from tests.browser.scenes import SCENES
from tests.browser.screenshots import FOLDER, NAMES
from tests.browser.stage import Stage
from tests.browser.visits import Visit

WIDTHS = {1440: 900, 768: 1024, 360: 740}
OF_THE_WINDOW = ("list-keys", "list-offline", "signed-out-meanwhile")  # the rest is shown to its full height


def test_take_screenshots(visit: Visit, stage: Stage) -> None:
    folder, names = Path(os.environ[FOLDER]), os.environ[NAMES].split()
    for scene in SCENES:
        if names and scene.name not in names:
            continue
        # A scene may change what it shows, so it plays once and is looked at from all sides.
        page = visit(scene.person(stage), viewport={"width": 1440, "height": 900})
        scene.go(page, stage)
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            for width, height in WIDTHS.items():
                page.set_viewport_size({"width": width, "height": height})
                path = folder / f"{scene.name}-{theme}-{width}.png"
                # Playwright would write to a path in a thread of its own, and keep it.
                path.write_bytes(page.screenshot(full_page=scene.name not in OF_THE_WINDOW))
        page.context.close()
        visit.contexts.clear()
