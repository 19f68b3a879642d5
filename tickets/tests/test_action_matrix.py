"""Every combination of who does what to a ticket in which state, over REST, has the answer that the contract gives."""

from __future__ import annotations

import pytest

from tests.support.action_matrix import REFUSALS, Attempt, arrange, check_effect, combinations, everything
from tests.support.client import ApiClient, assert_error


def test_the_table_has_every_combination() -> None:
    assert len(combinations()) == 12 * 8 * 7


@pytest.mark.django_db
@pytest.mark.parametrize(("attempt", "state", "actor", "answer"), combinations())
def test_action_is_answered_as_the_contract_says(attempt: Attempt, state: str, actor: str, answer: str) -> None:
    user, ticket_id = arrange(state, actor)
    before = everything()

    response = ApiClient(user).send(
        attempt.method, attempt.path.format(id=ticket_id), *([attempt.body] if attempt.body else [])
    )

    if answer != "ok":
        assert_error(response, *REFUSALS[answer])
        assert everything() == before, "a refused action wrote something"
    elif not attempt.effects:
        assert response.status_code == 200
        assert everything() == before, "reading wrote something"
    else:
        assert user is not None
        assert response.status_code == attempt.status
        assert response.json()["status"] == attempt.effects[state][0]
        check_effect(attempt, state, actor, user, ticket_id, before)
