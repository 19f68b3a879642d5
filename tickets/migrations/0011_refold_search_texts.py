"""Folds the stored search texts of a desk of ordinary size anew; a large one does it while it serves."""

import sys
from typing import Any

from django.db import migrations

from tickets.search.refolding import refold

AT_ONCE = 10_000  # some seconds


def refold_some(apps: Any, schema_editor: Any) -> None:
    texts = apps.get_model("tickets", "TicketText").objects.filter(folding=None)
    if texts[: AT_ONCE + 1].count() <= AT_ONCE:
        for _folded in refold(texts):
            pass
    else:
        sys.stdout.write("\n  Run this while the desk serves, so that search finds all: manage.py refold_search_texts")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0010_search_folding")]
    operations = [migrations.RunPython(refold_some, migrations.RunPython.noop, elidable=True)]
