"""The search of the admin: Django makes a condition of each word, however many there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin

MOST_WORDS = 20


class SearchedByWords(Base):
    """The first MOST_WORDS words of a search count; SQLite refuses some hundred conditions in one statement."""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        words = " ".join(search_term.split()[:MOST_WORDS])
        return super().get_search_results(request, queryset, words)
