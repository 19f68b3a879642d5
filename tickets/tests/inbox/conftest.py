"""People whom the tests of the inbox share."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from accounts.models import User
from tests.support import factories
from tests.support.fakes.smtp import IN_MEMORY


@pytest.fixture
def author() -> User:
    return factories.associate(name="Ana Sousa")


@pytest.fixture
def boss() -> User:
    return factories.manager(name="Mia Reed")


@pytest.fixture
def _mail(settings: Settings) -> None:
    """Mail is configured, and is due at once."""
    settings.HAS_MAIL = True
    settings.MAILERS = IN_MEMORY
    settings.MAIL_GATHER = settings.MAIL_GATHER * 0
    settings.PUBLIC_URL = "https://desk.example.com"
