"""`python -m tests [pytest arguments]`: the suite on SQLite, then on PostgreSQL, and a closing line for each."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

DATABASES = ("sqlite", "postgresql")
PROCESSES = 5  # three more than there are cores in CI: tests of deadlines and of other processes mostly wait


def main(arguments: list[str]) -> int:
    """0 when every test passed on every database, else 1."""
    results = [run_suite(database, arguments) for database in DATABASES]
    for database, (words, _) in zip(DATABASES, results, strict=True):
        print(f"{database}: {words}")
    return 0 if all(passed for _, passed in results) else 1


def run_suite(database: str, arguments: list[str]) -> tuple[str, bool]:
    """The counts in words and how long it took, and whether all is well."""
    print(f"--- {database}", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        counts_file = Path(folder, "counts.json")
        own = [f"--database={database}", f"--counts-file={counts_file}", "-n", str(PROCESSES), "--dist=worksteal"]
        process = subprocess.Popen([sys.executable, "-m", "pytest", *own, *arguments], cwd=Path(__file__).parent.parent)
        try:
            code = process.wait()
        except KeyboardInterrupt:  # the terminal has told pytest as well
            code = process.wait()
        if not counts_file.exists():
            return f"did not run (pytest ended with {code})", False
        counts: dict[str, int] = json.loads(counts_file.read_text())
    words = [f"{counts['passed']} passed"]
    words += [f"{count} {outcome}" for outcome, count in counts.items() if count and outcome != "passed"]
    if code and not counts["failed"] and not counts["error"]:
        words.append(f"not finished (pytest ended with {code})")
    return f"{', '.join(words)} in {time.monotonic() - began:.0f} s", code == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
