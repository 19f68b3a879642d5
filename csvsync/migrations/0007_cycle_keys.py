"""The keys of cycles that have succeeded go where all keys are, for ever. Those of others mean nothing any more.

What a manager has begun has never had a key, so all of them are the nightly job's.
"""

from itertools import batched
from typing import Any

from django.db import migrations

CYCLE = "cycle"
BATCH = 5_000


def take_over(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    key_model = apps.get_model("accounts", "IdempotencyKey")
    runs = apps.get_model("csvsync", "Run").objects.using(database)
    done = runs.filter(kind="CYCLE", state="SUCCEEDED").exclude(idempotency_key=None)
    for batch in batched(done.values_list("idempotency_key", "pk").iterator(BATCH), BATCH):
        key_model.objects.using(database).bulk_create(
            key_model(purpose=CYCLE, key=key, result=run, expires_at=None) for key, run in batch
        )


def give_back(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    runs = apps.get_model("csvsync", "Run").objects.using(database)
    keys = apps.get_model("accounts", "IdempotencyKey").objects.using(database).filter(purpose=CYCLE)
    for key, run in keys.values_list("key", "result").iterator(BATCH):
        runs.filter(pk=run).update(idempotency_key=key)
    keys.delete()


class Migration(migrations.Migration):
    dependencies = [("csvsync", "0006_dry_runs"), ("accounts", "0010_idempotency_key")]
    operations = [migrations.RunPython(take_over, give_back)]
