"""The cycle of the exchange page on the real server: several processes, one that is killed, one that is to stop."""

from __future__ import annotations

import os
import re
import signal
import threading
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
import requests
from django.db import connection
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from accounts.models import User
from csvsync.models import Run
from tests.support import factories
from tests.support.csv_files import status_of
from tests.support.patience import PATIENCE, wait_until
from tests.support.server import running_server, server_environment

PASSWORD = "correct horse battery"


class Browser:
    """Somebody's session, each request on a connection of its own, so that any process may answer."""

    def __init__(self, address: str, user: User) -> None:
        self.session, self.address = requests.Session(), address
        self.session.headers["Connection"] = "close"
        page = self.get("/desk/login/")
        assert self.post("/desk/login/", page, email=user.email, password=PASSWORD).status_code == 302

    def get(self, path: str) -> str:
        answer = self.session.get(urljoin(self.address, path), timeout=PATIENCE)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, page: str, **fields: str) -> requests.Response:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        data = {**fields, "csrfmiddlewaretoken": token[1]}
        return self.session.post(urljoin(self.address, path), data, timeout=PATIENCE, allow_redirects=False)


@pytest.fixture
def slow_system(httpserver: HTTPServer) -> Iterator[threading.Event]:
    """An external system that closes all tickets, once it is let."""
    let = threading.Event()

    def close_all(request: Request) -> Response:
        let.wait(PATIENCE)
        return Response(request.get_data().replace(b",PENDING,", b",CLOSED,"), content_type="text/csv")

    httpserver.expect_request("/").respond_with_handler(close_all)
    yield let
    let.set()


@pytest.fixture
def environment(database_url: str, httpserver: HTTPServer, production_hashing: None) -> dict[str, str]:
    return server_environment(database_url, CSV_PROCESSOR=httpserver.url_for("/"))


def start(browser: Browser) -> str:
    """Press the button, and wait until the external system has been asked; the run's page."""
    answer = browser.post("/desk/exchange/cycle/", browser.get("/desk/exchange/"))
    assert answer.status_code == 302, answer.text
    wait_until(lambda: Run.objects.filter(phase="PROCESSING").exists())
    return str(answer.headers["Location"])


def test_a_cycle_whose_process_is_killed_is_told_of_and_can_be_run_again(
    environment: dict[str, str], slow_system: threading.Event
) -> None:
    ticket = factories.ticket("PENDING")
    people = [factories.manager(email=f"{name}@example.com", password=PASSWORD) for name in ("ana", "zoe")]
    with running_server(environment) as address:
        ana, zoe = (Browser(address, person) for person in people)
        page = start(ana)
        for browser in [ana, zoe] * 4:  # whichever process answers
            assert "hx-trigger" in browser.get(page).partition('id="run"')[2]
        refused = zoe.post("/desk/exchange/cycle/", zoe.get("/desk/exchange/"))
        assert (refused.status_code, "Ana</bdi></span> has started an exchange" in refused.text) == (409, True)
        assert page in refused.text
        run = Run.objects.cycles().get()
        os.kill(run.pid, signal.SIGKILL)
    slow_system.set()
    with running_server(environment) as address:
        zoe = Browser(address, people[1])
        told = zoe.get(page)
        assert "The process ended before the run was done." in told
        assert "No ticket was changed." in told
        assert status_of(ticket) == "PENDING"
        again = start_and_wait(zoe)
        assert again != page
    assert status_of(ticket) == "CLOSED"
    connection.close()


def start_and_wait(browser: Browser) -> str:
    answer = browser.post("/desk/exchange/cycle/", browser.get("/desk/exchange/"))
    page = str(answer.headers["Location"])
    wait_until(lambda: "hx-trigger" not in browser.get(page).partition('id="run"')[2])
    return page


def test_a_server_that_is_asked_to_stop_finishes_the_cycle_first(
    environment: dict[str, str], slow_system: threading.Event
) -> None:
    ticket = factories.ticket("PENDING")
    boss = factories.manager(email="ana@example.com", password=PASSWORD)
    with running_server(environment) as address:
        start(Browser(address, boss))
        threading.Timer(2, slow_system.set).start()
    wait_until(lambda: not Run.objects.running().exists())
    assert Run.objects.cycles().get().state == "SUCCEEDED"
    assert status_of(ticket) == "CLOSED"
    connection.close()
