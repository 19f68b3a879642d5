"""The people and tickets that every scene plays with: short and very long texts, several languages, every status."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from tests.support import factories
from tickets import actions
from tickets.models import Ticket

LONG_TITLE = (
    "Impressão do departamento de contabilidade não responde desde a atualização; die "
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft wartet seit Stunden auf ihre "
    "Rechnung"
)
LONG_TEXT = (
    "Desde a atualização de ontem à noite, a impressora fiscal da filial de Vila Nova de Gaia não imprime mais.\n\n"
    "O que fizemos:\n  1. Reiniciámos o equipamento.\n  2. Reinstalámos o controlador a partir de\n"
    "     https://intranet.example.com/impressoras/fiscais/controladores?versao=2026.11&filial=vila-nova-de-gaia\n"
    "  3. Ligámos ao fornecedor (suporte@fornecedor.example.com), que pede os registos.\n\n"
    "Ninguém consegue emitir faturas, e há fila à porta. " + "x" * 120
)


@dataclass
class Stage:
    author: User
    manager: User
    newcomer: User
    draft: Ticket
    sent_back: Ticket
    edited: Ticket
    approved: Ticket
    worked_on: Ticket
    closed: Ticket
    deleted: Ticket
    own_of_manager: Ticket


def set_stage() -> Stage:
    """Puts all of them into the database."""
    author = factories.associate(
        email="bruna.albuquerque@example.com", name="Bruna Albuquerque", password=factories.PASSWORD
    )
    manager = factories.manager(email="helena@example.com", name="Helena Prado", password=factories.PASSWORD)
    other = factories.manager(email="oliver.wintermantel-hohenstein@accounting.example.com")
    newcomer = factories.associate(email="new@example.com", password=factories.PASSWORD)

    def ticket(status: str, title: str, *, days: float = 3, severity: str = "MEDIUM", text: str = LONG_TEXT) -> Ticket:
        due: datetime = timezone.now() + timedelta(days=days)
        return factories.ticket(
            status, author=author, reviewer=other, title=title, severity=severity, due_date=due, description=text
        )

    edited = ticket("REVIEW", "Monitor flickers", text="The left monitor flickers whenever the lift moves.")
    actions.edit_ticket(author, edited.pk, description="Both monitors flicker whenever the lift moves. Since Monday.")
    closed = ticket("CLOSED", "Coffee machine shows error 17", days=-20, severity="EASY")
    worked_on = ticket("OPEN", "VPN drops every ten minutes", days=-3, severity="HIGH")
    approved = ticket("PENDING", "Please grant access to the archive", days=12, severity="LOW")
    sent_back = ticket("REVIEW", "Impressora fiscal não imprime", days=0.2, severity="HIGH")
    for n in range(24):
        ticket("DRAFT", f"Laptop {n + 1} does not wake up from sleep", severity="EASY", text="It stays dark.")
    deleted = factories.deleted(ticket("DRAFT", "Raised by mistake"), by=author)
    draft = ticket("DRAFT", LONG_TITLE, severity="VERY_HIGH", days=-1)
    own = factories.ticket(author=manager, title="Projector in room 4 is too dark")
    return Stage(
        author, manager, newcomer, draft, sent_back, edited, approved, worked_on, closed, deleted, own_of_manager=own
    )
