"""Lists in pages, as templates/includes/pages.html leads through them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property

from django.db.models import Model, QuerySet

from config.rest import Page


class Paged[Row: Model](ABC):
    """A list of which a page is shown: `found` are all of its rows in order, `total` says how many."""

    page: Page

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
