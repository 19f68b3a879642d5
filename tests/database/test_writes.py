"""The table of writers in tests/support/writes.py sees what it has to see."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts import actions
from accounts.models import User
from tests.support import factories, writes


@pytest.mark.parametrize(
    ("sql", "seen"),
    [
        ('UPDATE "t" SET "a" = %s, "b" = %s WHERE "t"."id" = %s', [("t", ["a", "b"])]),
        (
            "UPDATE t SET a = COALESCE(x, y, 'WHERE, z = 1'), b = CASE WHEN c THEN (1, 2) ELSE 3 END",
            [("t", ["a", "b"])],
        ),
        ('INSERT INTO "t" ("a") VALUES (%s) ON CONFLICT("a") DO UPDATE SET "b" = EXCLUDED."b"', [("t", ["b"])]),
        ("WITH x AS (UPDATE t AS u\nSET a = 1 RETURNING b) SELECT * FROM x", [("t", ["a"])]),
        ('SELECT "a" FROM "t" FOR UPDATE', []),
    ],
)
def test_updates_are_found_with_their_columns(sql: str, seen: list[tuple[str, list[str]]]) -> None:
    assert list(writes.updates(sql)) == seen


@pytest.mark.django_db
def test_a_writer_that_sets_more_than_it_owns_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    user = factories.associate()
    monkeypatch.setitem(writes.OWNED, "accounts.actions.save_preferences", {"accounts_user": "time_zone"})
    actions.save_preferences(user, theme="DARK", time_zone="UTC")
    assert len(writes.found) == 1
    assert "accounts.actions.save_preferences sets accounts_user: theme, which it does not own" in writes.found.pop()


@pytest.mark.django_db
def test_a_copy_that_the_product_saves_whole_is_found(tmp_path: Path) -> None:
    """A module of the product, by its place, that does what no module may."""
    user = factories.associate()
    scope: dict[str, object] = {"user": user}
    code = "def rename():\n    user.save()\n"
    exec(compile(code, str(writes.ROOT / "accounts/worst.py"), "exec"), scope)
    scope["rename"]()  # type: ignore[operator]  # made a line ago
    assert "accounts.worst.rename sets accounts_user:" in writes.found.pop()
    assert writes.found == []


@pytest.mark.django_db
def test_what_a_test_writes_is_its_own_affair() -> None:
    User.objects.filter(pk=factories.associate().pk).update(role="MANAGER")
    assert writes.found == []


def test_every_writer_in_the_table_is_there() -> None:
    for name in writes.OWNED:
        module = name if name == writes.MIDDLEWARE else ""
        parts = name.split(".")
        for length in range(len(parts), 0, -1):
            path = writes.ROOT.joinpath(*parts[:length]).with_suffix(".py")
            if path.exists():
                module = path.read_text()
                break
        assert module, name
        assert name == writes.MIDDLEWARE or f"def {parts[-1]}(" in module, name
