"""The shape of one demo problem."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """What somebody wrote to the desk, with the levels that people and triage would give it.

    `title` has 1 to 200 characters and is unique among all problems. `severity` and `suggested` are values of
    the severity scale (EASY to VERY_HIGH); `suggested` is None where the author asked for no suggestion.
    `language` is "en" or "pt".
    """

    title: str
    description: str
    severity: str
    suggested: str | None
    language: str
