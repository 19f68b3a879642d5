from django.apps import AppConfig
from django.db.backends.signals import connection_created

from tickets.audit import sqlite


class TicketsConfig(AppConfig):
    name = "tickets"

    def ready(self) -> None:
        connection_created.connect(sqlite.teach)
