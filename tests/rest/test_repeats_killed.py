"""A process is killed between what it does under a key and its answer: a retry finds it done, or does it, once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from accounts.models import IdempotencyKey
from tests.support import factories
from tests.support.client import ApiClient
from tests.support.keyed import raise_ticket
from tests.support.server import ROOT, server_environment
from tickets.models import HistoryEntry, Ticket

# Raises a ticket, and comes to a standstill at the moment that its argument names.
PROGRAM = """
import sys, time, django
django.setup()
from accounts.idempotency import requests
from accounts.models import User
from rest_framework.request import Request
from tests.support.client import ApiClient
from tests.support.keyed import raise_ticket

def stand_still(at):
    if sys.argv[1] == at:
        print(at, flush=True)
        time.sleep(600)

def settle(*given):
    do_settle(*given)
    stand_still("settled")

do_settle, requests._settle = requests._settle, settle
answer = raise_ticket(ApiClient(User.objects.get()), "k")
assert answer.status_code == 201, answer.content
stand_still("committed")
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("moment", "was_done"), [("settled", False), ("committed", True)])
def test_a_kill_leaves_both_or_neither(moment: str, was_done: bool, database_url: str) -> None:
    client = ApiClient(factories.associate())
    environment = server_environment(database_url, DJANGO_SETTINGS_MODULE="config.settings", ALLOWED_HOSTS="testserver")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, moment], cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline().decode() == f"{moment}\n"
        assert Ticket.objects.count() == was_done
        assert IdempotencyKey.objects.filter(status=201).count() == was_done
    finally:
        process.kill()
        process.communicate()
    answers = [raise_ticket(client, "k") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
    assert answers[0].json()["sequence"] == 1
    assert (Ticket.objects.count(), HistoryEntry.objects.count(), IdempotencyKey.objects.count()) == (1, 1, 1)
