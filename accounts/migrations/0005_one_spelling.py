"""Writes each e-mail in its one spelling. Two accounts that would become one are listed and left to support staff.

Of those, the one whose spelling is the right one goes on; the other can sign in once staff give it another e-mail.
"""

import sys
from collections import defaultdict
from typing import Any

from django.db import migrations

from accounts.email_spelling import one_spelling


def respell(apps: Any, schema_editor: Any) -> None:
    people = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    spellings = defaultdict(list)
    for pk, email in people.values_list("pk", "email"):
        spellings[one_spelling(email)].append((pk, email))
    for right, found in sorted(spellings.items()):
        if len(found) == 1:
            people.filter(pk=found[0][0]).exclude(email=right).update(email=right)
        else:
            listed = ", ".join(sorted(email for _pk, email in found))
            sys.stdout.write(f"\n  Several accounts for {right}: {listed}. Keep one of them, in the admin.\n")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_acts_triggers")]
    operations = [migrations.RunPython(respell, migrations.RunPython.noop)]
