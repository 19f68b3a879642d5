"""`python -m tests.browser.screenshots FOLDER [NAME ...]`: pictures of every page and state, in both themes and three
widths, as FOLDER/NAME-THEME-WIDTH.png; of some scenes only, where they are named.

`python -m tests.browser.screenshots --readme`: those of the README, in docs/pictures, of the demo data.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER, NAMES = "DESK_SCREENSHOTS", "DESK_SCENES"
ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    if not arguments:
        print(__doc__)
        return 2
    readme = arguments == ["--readme"]
    folder = ROOT / "docs/pictures" if readme else Path(arguments[0]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, FOLDER: str(folder), NAMES: " ".join(arguments[1:])}
    command = [sys.executable, "-m", "pytest", "-q", f"tests/browser/{'readme' if readme else 'pictures'}.py"]
    code = subprocess.run(command, env=environment, cwd=ROOT).returncode
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
