"""What the tests of addresses and bodies share: a manager's client, and a ticket to aim at."""

from __future__ import annotations

import pytest

from tests.support import factories
from tests.support.client import ApiClient
from tickets.models import Ticket


@pytest.fixture
def client() -> ApiClient:
    return ApiClient(factories.manager())


@pytest.fixture
def draft() -> Ticket:
    return factories.ticket()
