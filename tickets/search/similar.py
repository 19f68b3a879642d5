"""Finding tickets that look like the same problem, while somebody writes one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Mapping
from math import log

from accounts.models import User
from tickets.models import TITLE_LENGTH, Ticket
from tickets.search.folding import fold

# The newest tickets are looked through, so that it takes as long with a million tickets as with a few thousand. A
# problem that is being reported again has mostly been reported lately.
LOOKED_THROUGH = 1000
STEM_LENGTH = 5  # "printer", "prints" and "printing" are one word, and so are "impressora" and "impressoras"
LEAST_SHARE = 0.4  # of the weight of a title's words


def similar_tickets(user: User, title: str, *, limit: int = 5) -> list[Ticket]:
    """Up to `limit` live tickets whose titles share telling words with this one, best first.

    The newest 1000 that this person may see are looked through.

    Of a title that is too long, as it may be while somebody writes, the beginning counts.
    """
    title = title[:TITLE_LENGTH]
    if not stems(title):
        return []
    newest = Ticket.objects.visible_to(user).live().newest_first().values_list("pk", "title")[:LOOKED_THROUGH]
    best = most_alike(title, dict(newest), limit=limit)
    found = Ticket.objects.in_bulk(best)
    return [found[pk] for pk in best if pk in found]


def most_alike[Key: Hashable](title: str, titles: Mapping[Key, str], *, limit: int) -> list[Key]:
    """The keys of the titles that share most with this one; of equals those that come first.

    A word counts the more, the fewer titles have it. A title has to share two words, or the only one there is, and
    a good part of the weight.
    """
    wanted = stems(title)
    others = {key: wanted & stems(text) for key, text in titles.items()}
    frequency = Counter(stem for shared in others.values() for stem in shared)
    weight = {stem: log((len(others) + 1) / (frequency[stem] + 0.5)) for stem in wanted}
    least = LEAST_SHARE * sum(weight[stem] for stem in wanted if frequency[stem])
    scores = {
        key: sum(weight[stem] for stem in shared)
        for key, shared in others.items()
        if len(shared) >= min(2, len(wanted))
    }
    good = [key for key, score in scores.items() if score >= least and score > 0]
    return sorted(good, key=lambda key: -scores[key])[:limit]


def stems(title: str) -> set[str]:
    """The beginnings of a title's words."""
    return {word[:STEM_LENGTH] for word in re.findall(r"\w{3,}", fold(title))}
