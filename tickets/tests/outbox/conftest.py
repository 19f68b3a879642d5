"""A desk with mail: what is mailed stands in `django.core.mail.outbox`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import User
from tests.support import factories
from tests.support.fakes.smtp import IN_MEMORY
from tickets.models import Ticket


@pytest.fixture(autouse=True)
def _mail(settings: Settings) -> None:
    settings.HAS_MAIL = True
    settings.MAILERS = IN_MEMORY
    settings.MAIL_GATHER = timedelta(0)
    settings.PUBLIC_URL = "https://desk.example.com"


@pytest.fixture
def ana(db: None) -> User:
    return factories.associate(email="ana@example.com", name="Ana Reis")


@pytest.fixture
def boss(db: None) -> User:
    return factories.manager(email="boss@example.com", name="Bo Boss")


@pytest.fixture
def ticket(ana: User) -> Ticket:
    return factories.ticket(author=ana, title="Login broken")
