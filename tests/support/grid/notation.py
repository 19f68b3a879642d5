"""How the grid is written: a table of words, each row and each column of which may stand for several at once."""

from __future__ import annotations

from collections.abc import Iterator

type Cells = dict[tuple[str, str], str]

# Columns that stand for several identities in many tables.
GROUPS = {
    "signed-out": ["nobody", "inactive", "demoted"],
    "associates": ["author", "undoer", "colleague", "staff", "deleter"],
    "not-authors": ["colleague", "staff", "deleter"],
    "not-deleters": ["author", "colleague", "staff"],
    "managers": ["manager", "chief", "own-manager", "own-chief", "promoted"],
}


def rows_of(table: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Each line's label with its answers, by identity.

    The first line names the columns: `author,undoer` is one column of answers that both get, and so is a name of
    GROUPS. In the others everything in front of the answers is the label, which may have spaces in it.
    """
    header, *lines = [line for line in table.strip("\n").splitlines() if line.strip()]
    columns = header.split()
    for line in lines:
        words = line.split()
        label, answers = " ".join(words[: -len(columns)]), words[-len(columns) :]
        by_column = zip(columns, answers, strict=True)
        yield label, {who: answer for column, answer in by_column for who in identities_in(column)}


def identities_in(column: str) -> list[str]:
    return GROUPS.get(column) or column.split(",")


def by_state(table: str) -> Cells:
    """The answers by state of the ticket and identity; a label such as `OPEN,CLOSED` stands for both."""
    return {
        (state, who): answer
        for label, answers in rows_of(table)
        for state in label.split(",")
        for who, answer in answers.items()
    }
