"""Making something once from a form, however often the form is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, models, transaction

from accounts.idempotency import keys
from accounts.idempotency.keys import KeyName

KEPT = timedelta(days=30)


def made_once[M: models.Model](name: KeyName, model: type[M], make: Callable[[], M]) -> M:
    """What `make` makes, called in a transaction, or what was made under the same name before."""
    try:
        with transaction.atomic():
            if made := _made_under(name, model):
                return made
            made = make()
            keys.keep(name, made.pk, kept=KEPT)
            return made
    except IntegrityError:
        # The same form came in twice at the same moment.
        if made := _made_under(name, model):
            return made
        raise


def _made_under[M: models.Model](name: KeyName, model: type[M]) -> M | None:
    made = keys.find(name)
    return model._default_manager.get(pk=made) if made else None
