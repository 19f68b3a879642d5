"""Lists in pages: `{items, total, page, pageSize}` for the API, templates/includes/pages.html for people."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Model, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from config.errors import InvalidInput

MAX_PAGE_SIZE = 200


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which part of a list is asked for: `number` from 1, `size` rows at most."""

    number: int
    size: int

    @classmethod
    def read(cls, query: Mapping[str, str]) -> PageRequest:
        """From `page` (1) and `pageSize` (20, at most 200). Raises InvalidInput."""
        values = {"page": query.get("page") or "1", "pageSize": query.get("pageSize") or "20"}
        bad = {name: [str(_("Write a whole number from 1."))] for name, value in values.items() if not is_count(value)}
        if bad:
            raise InvalidInput(bad)
        return cls(int(values["page"]), min(int(values["pageSize"]), MAX_PAGE_SIZE))

    def slice[Row: Model](self, rows: QuerySet[Row], total: int) -> list[Row]:
        """The rows of this page, none past the end. Counted from whichever end is nearer, so that both are fast."""
        start = (self.number - 1) * self.size
        stop = min(start + self.size, total)
        if start >= stop:
            return []
        if start > total // 2:
            return list(rows.reverse()[total - stop : total - start])[::-1]
        return list(rows[start:stop])

    def of(
        self, rows: QuerySet[Any], serializer: type[serializers.BaseSerializer[Any]], *, total: int
    ) -> dict[str, Any]:
        """`{items, total, page, pageSize}` of so many rows in all."""
        return {
            "items": serializer(self.slice(rows, total), many=True).data,
            "total": total,
            "page": self.number,
            "pageSize": self.size,
        }


class Paged[Row: Model](ABC):
    """A list of which a page is shown: `found` are all of its rows in order, `total` says how many.

    Not Django's Paginator: it counts the rows itself, always skips from the beginning and refuses a page past the end,
    so that a subclass would have to replace all of it.
    """

    page: PageRequest

    @property
    @abstractmethod
    def found(self) -> QuerySet[Row]: ...

    @property
    @abstractmethod
    def total(self) -> int: ...

    @cached_property
    def rows(self) -> list[Row]:
        return self.page.slice(self.found, self.total)

    @property
    def last_page(self) -> int:
        return max(1, -(-self.total // self.page.size))

    @property
    def previous(self) -> int:
        return min(self.page.number - 1, self.last_page)

    @property
    def next(self) -> int:
        return self.page.number + 1


def is_count(value: str) -> bool:
    """Whether this is a whole number from 1, as an address carries one."""
    return bool(re.fullmatch(r"[0-9]{1,1000}", value)) and int(value) > 0
