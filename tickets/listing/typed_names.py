"""Authors and reviewers that somebody chooses by typing a name: from what was typed to the id that the address holds.

The form of the list has a field for a name beside each. Whom it means is found out here and the address is written
anew with the id, so that pages, saved views and links know ids only, with JavaScript and without.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import QueryDict

from accounts.models import User
from accounts.people.finding import candidates, sought

# The field for a name -> the parameter for the id.
TYPED = {"author": "createdBy", "reviewer": "reviewedBy"}
# What the form has boxes for.
BOXES = {(parameter, "me") for parameter in TYPED.values()}
MOST_OFFERED = 12


@dataclass(frozen=True, slots=True)
class Question:
    """Which of `people` is meant by what was typed, each with the query of the list that has them; nobody fits none.

    `without` is the query of the list without this name. More people than those fit where `is_shortened`.
    """

    field: str
    typed: str
    people: list[tuple[User, str]]
    without: str
    is_shortened: bool


def with_ids(query: QueryDict) -> QueryDict | Question | None:
    """The query with ids in place of the names that were typed, or what has to be asked first; None for one as it is.

    The form sends the id that is in use beside the box for oneself: where that is ticked, the box counts.
    """
    known = query
    for parameter in TYPED.values():
        if "me" in query.getlist(parameter)[:-1]:
            known = known.copy()
            known[parameter] = "me"
    for field in TYPED:
        if not (typed := sought(query.get(field, ""))):
            continue
        found = candidates(typed, most=MOST_OFFERED + 1)
        if len(found) != 1:
            return _question(known, field, typed, found)
        known = _with_person(known, field, str(found[0].pk))
    return None if known is query else known


def _question(query: QueryDict, field: str, typed: str, found: list[User]) -> Question:
    offered = [(person, _with_person(query, field, str(person.pk)).urlencode()) for person in found[:MOST_OFFERED]]
    without = _with_person(query, field, "").urlencode()
    return Question(field, typed, offered, without, is_shortened=len(found) > MOST_OFFERED)


def _with_person(query: QueryDict, field: str, id: str) -> QueryDict:
    """The query on its first page, with the id in place of what was typed; an empty id takes both away."""
    known = query.copy()
    known.pop("page", None)
    known.pop(field, None)
    known.pop(TYPED[field], None)
    if id:
        known[TYPED[field]] = id
    return known
