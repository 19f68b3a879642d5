"""An installation that is served: its own database, the production server before it, and people to ask as."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import requests
from rest_framework_simplejwt.backends import TokenBackend

from accounts.models import User
from accounts.signing_in.tokens import token_for
from tests.support.factories import PASSWORD
from tests.support.installation import BOSS, Installation
from tests.support.patience import PATIENCE
from tests.support.server import running_server


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
    environment = {**installed.environment, **variables}
    with running_server(environment, workers=workers) as address:
        yield Served(address, token_of_boss(installed, environment["JWT_SECRET"]))


def token_of_boss(installed: Installation, secret: str) -> str:
    """As somebody who signs in gets it; a process of the product would take a second to load for it."""
    [[id, stamp]] = installed.rows(f"SELECT id, security_stamp FROM accounts_user WHERE email = '{BOSS}'")
    user = User(id=uuid.UUID(str(id)), role="MANAGER", security_stamp=uuid.UUID(str(stamp)))
    return str(TokenBackend("HS256", secret).encode(token_for(user).payload))
