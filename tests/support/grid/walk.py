"""Walks the site map and the admin for what the grid has no row for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404

from tests.support.grid.addresses import ADMIN_ACTIONS, BY_STATE, ROWS

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


def routes(urlconf: str) -> set[str]:
    """Every address that the site map has, as a match names it."""
    return set(_routes(get_resolver(urlconf).url_patterns, ""))


def _routes(patterns: Iterable[URLPattern | URLResolver], before: str) -> Iterable[str]:
    for pattern in patterns:
        own = str(pattern.pattern)
        route = before + own.removeprefix("^") if before else own
        if isinstance(pattern, URLResolver):
            yield from _routes(pattern.url_patterns, route)
        else:
            yield route


def addresses() -> list[tuple[str, str]]:
    """Method and path of each row, with words such as `{ticket}` in it."""
    named = [(row.method, row.path.partition("?")[0]) for row in ROWS]
    return named + [(line.split()[0], line.split()[1]) for line in BY_STATE]


def rows_by_route(urlconf: str) -> dict[str, dict[str, str]]:
    """By the address of the site map that they are of: the methods for which there is a row, with the path there."""
    found: dict[str, dict[str, str]] = {}
    for method, path in addresses():
        try:
            route = resolve(path.replace("{link}", "uid/token"), urlconf).route
        except Resolver404:  # probes and static files are answered before the site map is asked, and what is not there
            continue
        found.setdefault(route, {}).setdefault(method, path)
    return found


def addresses_without_a_row(urlconf: str) -> set[str]:
    return routes(urlconf) - set(rows_by_route(urlconf))


def methods_without_a_row(urlconf: str) -> list[tuple[str, str]]:
    """Every method that has no row, with a path to try it on."""
    rows = rows_by_route(urlconf).values()
    return [(method, next(iter(paths.values()))) for paths in rows for method in METHODS if method not in paths]


def actions_without_a_row(registry: Mapping[Any, ModelAdmin[Any]], request: HttpRequest) -> dict[str, set[str]]:
    """The models of the admin that the grid does not know, and the actions on any that it has no row for."""
    found = {}
    for model, model_admin in registry.items():
        offered = set(model_admin.get_actions(request))
        if model._meta.label_lower not in ADMIN_ACTIONS or offered != ADMIN_ACTIONS[model._meta.label_lower]:
            found[model._meta.label_lower] = offered - ADMIN_ACTIONS.get(model._meta.label_lower, set())
    return found
