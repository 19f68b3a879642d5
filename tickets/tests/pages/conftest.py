"""People whom the tests of pages share."""

from __future__ import annotations

import pytest

from accounts.models import User
from tests.support import factories


@pytest.fixture
def author() -> User:
    return factories.associate(name="Ana Sousa")


@pytest.fixture
def boss() -> User:
    return factories.manager(name="Mia Reed")
