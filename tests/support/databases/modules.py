"""What all tests of a module look at, made once for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from pytest_django import DjangoDbBlocker


def made_for_a_module[T](make: Callable[[], T]) -> Any:
    """A fixture for a module: what `make` answers, which is called in a transaction that ends with the module.

    The transaction in which pytest-django runs a single test is a savepoint in it, so each test finds what the one
    before it has found.
    """

    @pytest.fixture(scope="module")
    def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[T]:
        with django_db_blocker.unblock():
            try:
                with transaction.atomic():
                    yield make()
                    transaction.set_rollback(True)
            finally:
                connection.close()

    return made
