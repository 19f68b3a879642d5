"""An installation that is served: its own database, the production server before it, and people to ask as."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

import requests

from tests.support.factories import PASSWORD
from tests.support.installation import Installation
from tests.support.patience import PATIENCE
from tests.support.server import running_server

BOSS = "boss@example.com"
MAKE_BOSS = f"""
from accounts.models import User
from accounts.signing_in.tokens import issue_token
from tests.support.factories import person
boss = User.objects.filter(email="{BOSS}").first() or person("MANAGER", email="{BOSS}", password="{PASSWORD}")
print(issue_token(boss))
"""


@dataclass
class Served:
    """`token` is a manager's."""

    address: str
    token: str

    def api(self, method: str, path: str, **options: object) -> requests.Response:
        """The whole answer, or requests' error where it breaks off."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return requests.request(method, self.address + path, headers=headers, timeout=PATIENCE, **options)  # type: ignore[arg-type]  # as requests names them

    def desk(self) -> requests.Session:
        """A browser in which that manager has signed in."""
        session = requests.Session()
        login = f"{self.address}/desk/login/"
        form = session.get(login, timeout=PATIENCE)
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        assert token
        fields = {"email": BOSS, "password": PASSWORD, "csrfmiddlewaretoken": token[1]}
        answer = session.post(login, fields, timeout=PATIENCE, allow_redirects=False)
        assert answer.status_code == 302, answer.text
        return session


@contextlib.contextmanager
def served(installed: Installation, *, workers: int = 1, **variables: str) -> Iterator[Served]:
    with installed.commands() as manage:
        code, token, log = manage.run("shell", "--no-imports", "--command", MAKE_BOSS)
        assert code == 0, log
    with running_server({**installed.environment, **variables}, workers=workers) as address:
        yield Served(address, token.strip())
