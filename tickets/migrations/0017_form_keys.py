"""The keys of forms go where all keys are. They are kept for 30 days after their ticket was made, as before."""

from datetime import timedelta
from itertools import batched
from typing import Any

from django.db import migrations

FORM = "form of a new ticket"
KEPT = timedelta(days=30)
BATCH = 5_000


def take_over(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    key_model = apps.get_model("accounts", "IdempotencyKey")
    submissions = apps.get_model("tickets", "Submission").objects.using(database)
    rows = submissions.values_list("key", "user_id", "ticket_id", "ticket__created_at").iterator(BATCH)
    for batch in batched(rows, BATCH):
        key_model.objects.using(database).bulk_create(
            key_model(purpose=FORM, key=key.hex, person_id=person, result=ticket, expires_at=created_at + KEPT)
            for key, person, ticket, created_at in batch
        )


def give_back(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    submission_model = apps.get_model("tickets", "Submission")
    keys = apps.get_model("accounts", "IdempotencyKey").objects.using(database).filter(purpose=FORM)
    for batch in batched(keys.values_list("key", "person_id", "result").iterator(BATCH), BATCH):
        submission_model.objects.using(database).bulk_create(
            submission_model(key=key, user_id=person, ticket_id=ticket) for key, person, ticket in batch
        )
    keys.delete()


class Migration(migrations.Migration):
    dependencies = [("tickets", "0016_saved_view"), ("accounts", "0010_idempotency_key")]
    operations = [migrations.RunPython(take_over, give_back)]
