"""Which tickets of the demo desk have to do with each other, written by hand."""

from __future__ import annotations

from tickets.demo.people import People
from tickets.links.actions import add_link
from tickets.links.models import LinkKind
from tickets.models import Ticket

# What the first is to the second, by the titles of their problems.
CONNECTIONS = [
    ("Approver role lost after the directory sync, 31 purchase orders are stuck", "RELATED",
     "Two accounts for the same person after a name change"),
    ("VPN connects, but no internal name resolves", "RELATED",
     "VPN drops every 20 minutes for everyone working from home"),
    ("Docking station takes the network of the whole desk row down", "FOLLOW_UP_OF",
     "Laptop will not wake from sleep when docked"),
    ("Blue screen twice a day, always in video calls", "RELATED", "Laptop will not wake from sleep when docked"),
    ("Basket is emptied when switching from the app to the website", "RELATED",
     "Voucher SPRING10 is accepted twice in the same basket"),
    ("Address check moves house number into the street name", "RELATED",
     'CSV from the carrier is imported with broken umlauts: "MÃ¼ller" instead of "Müller"'),
    ("Phishing wave with the subject \"Unpaid toll\", about 50 reports", "FOLLOW_UP_OF",
     "I entered my password on a fake sign-in page"),
    ("Usuário desligado continua aparecendo na lista de responsáveis", "FOLLOW_UP_OF",
     "Equipe do faturamento sem acesso ao ERP desde as 7h30"),
    ('Pedido duplicado quando o cliente clica duas vezes em "Comprar"', "RELATED",
     'Pagamento por PIX confirmado no banco, mas o pedido continua "aguardando"'),
    ("Integração com a transportadora envia endereços trocados", "RELATED",
     "Cálculo de frete mostra prazo de 1 dia para o Amazonas"),
]  # fmt: skip
# A problem that somebody raised again is a duplicate of the ticket before, up to so many.
MOST_DUPLICATES = 5


def create_connections(people: People) -> int:
    """Link the newest live tickets of these problems, and some that were raised twice; how many links."""
    live = list(Ticket.objects.live().oldest_first().only("pk", "title"))
    newest = {ticket.title: ticket for ticket in live}
    pairs = [(newest.get(one), LinkKind(kind), newest.get(other)) for one, kind, other in CONNECTIONS]
    pairs += [(newest[ticket.title], LinkKind.DUPLICATE_OF, ticket) for ticket in _raised_again(live, newest)]
    found = [(one, kind, other) for one, kind, other in pairs if one and other]
    for number, (one, kind, other) in enumerate(found):
        add_link(people.managers[number % len(people.managers)], one.pk, other_id=other.pk, kind=kind)
    return len(found)


def _raised_again(live: list[Ticket], newest: dict[str, Ticket]) -> list[Ticket]:
    """Those behind which a later one has the same title."""
    return [ticket for ticket in live if newest[ticket.title] != ticket][:MOST_DUPLICATES]
