"""Migrating with fewer model classes: those of the past are made when somebody looks at them.

Nearly all of the processor's time that a migration takes goes into such classes. After each operation Django makes all
of those anew that may have changed, though few are looked at before they change again. Here it is noted which these
are, and they are made at the next look. What is done to the database is the same.
"""

from __future__ import annotations

from typing import Any

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.state import ProjectState, StateApps
from django.utils.functional import SimpleLazyObject


class LateState(ProjectState):
    """A state that makes its classes late. Once it has any, `changed` has the keys of those that are no longer true."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed: set[tuple[str, str]] = set()

    @property
    def apps(self) -> Any:
        """All the classes; where some are to be made anew, at the first question, which many migrations do not ask."""
        if "apps" not in self.__dict__:
            self.changed = set()
            self.__dict__["apps"] = StateApps(self.real_apps, self.models)  # type: ignore[arg-type]  # a set
        return SimpleLazyObject(self._brought_up_to_date) if self.changed else self.__dict__["apps"]

    @apps.deleter
    def apps(self) -> None:
        del self.__dict__["apps"]

    def _brought_up_to_date(self) -> Any:
        changed, self.changed = self.changed, set()
        super()._reload(changed)  # type: ignore[misc]  # not in the stubs
        return self.__dict__["apps"]

    def _reload(self, related_models: set[tuple[str, str]]) -> None:
        self.changed |= related_models

    def _find_reload_model(self, *args: Any, **kwargs: Any) -> Any:
        """The changed and their relations, by the classes as they are. Those of earlier changes are noted already."""
        changed, self.changed = self.changed, set()
        try:
            return super()._find_reload_model(*args, **kwargs)  # type: ignore[misc]  # not in the stubs
        finally:
            self.changed = changed

    def clear_delayed_apps_cache(self) -> None:
        if self.is_delayed and "apps" in self.__dict__:
            real = {(model.app_label, model.name_lower) for model in self.__dict__["apps"].real_models}
            self.changed |= real | set(self.models)

    def clone(self) -> LateState:
        copy = LateState({key: model.clone() for key, model in self.models.items()}, self.real_apps)
        if "apps" in self.__dict__:
            copy.__dict__["apps"] = self.__dict__["apps"].clone()
        copy.is_delayed, copy.changed = self.is_delayed, set(self.changed)
        return copy


class Executor(MigrationExecutor):
    """Django's, with such states."""

    def _create_project_state(self, with_applied_migrations: bool = False) -> LateState:
        state = super()._create_project_state(with_applied_migrations)  # type: ignore[misc]  # not in the stubs
        return LateState(state.models, state.real_apps)

    def present_state(self) -> LateState:
        """That of the database."""
        return self._create_project_state(with_applied_migrations=True)
