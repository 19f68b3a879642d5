"""What is said about some tickets of the demo desk, written by hand for the problem that each is about."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from accounts.models import User
from config import clock
from config.errors import StorageUnavailable
from tickets.backfill.attachments import AttachmentRecord, backfill_attachments
from tickets.backfill.comments import CommentRecord, backfill_comments
from tickets.demo.files import FILES
from tickets.demo.people import People
from tickets.models import Ticket

log = logging.getLogger(__name__)

AUTHOR, MANAGER, COLLEAGUE = "author", "manager", "colleague"


@dataclass(frozen=True, slots=True)
class Remark:
    """`after` are the minutes since what was said before it, or since the ticket was written.

    `file` is the name of one of files.py, which comes with it: shown below the text where it is a picture.
    """

    by: str
    after: int
    text: str
    is_question: bool = False
    file: str = ""


# By the title of the problem.
CONVERSATIONS: dict[str, tuple[Remark, ...]] = {
    "Password reset link has always expired already": (
        Remark(MANAGER, 35, "Which mail filter are you behind, the one of the head office or your own?", True),
        Remark(
            AUTHOR, 22, "The one of the head office. The visit comes from `203.0.113.40`, two seconds after sending."
        ),
        Remark(
            MANAGER,
            130,
            "That is the filter. It opens every link to look for malware, and ours worked **once only**.\n\n"
            "Until that is changed: forward the mail to your phone and open it there.",
        ),
        Remark(AUTHOR, 18, "Works from the phone. Thank you, that will do until then."),
    ),
    "Voucher SPRING10 is accepted twice in the same basket": (
        Remark(MANAGER, 50, "Does it also happen with other codes, or only with this one?", True),
        Remark(
            AUTHOR,
            75,
            "I tried three of them:\n\n"
            "| code | twice? |\n|---|---|\n| SPRING10 | yes |\n| WELCOME5 | yes |\n| FREESHIP | no |\n\n"
            "So whatever is a percentage. The basket with the first of them:",
            file="basket.png",
        ),
        Remark(COLLEAGUE, 40, "Eleven orders here as well. Marketing asks not to write to the customers yet."),
    ),
    "Laptop will not wake from sleep when docked": (
        Remark(
            MANAGER,
            60,
            "Please read two things off for us:\n\n1. the firmware of the dock (sticker on its underside)\n"
            "2. the version of the BIOS",
            True,
        ),
        Remark(
            AUTHOR,
            190,
            "1. `1.07`\n2. `N3AET81W`\n\nThe two colleagues have the same on both. This is all it says:",
            file="dock.png",
        ),
        Remark(MANAGER, 45, "`1.07` it is: the maker has withdrawn it. We come by with `1.09` tomorrow before ten."),
        Remark(COLLEAGUE, 1260, "Mine has it since this morning and woke up three times out of three."),
    ),
    "Headset drops out of the softphone every few minutes": (
        Remark(MANAGER, 90, "Do the four use the hub at the screen, or a socket of the laptop?", True),
        Remark(AUTHOR, 65, "All four the hub! The others have theirs in the laptop."),
        Remark(
            MANAGER,
            15,
            "Then move them to the laptop for now. The hub turns its sockets off to save power:\n\n"
            "```\nusb 3-2.4: reset full-speed USB device\nusb 3-2.4: device descriptor read/64, error -71\n```",
        ),
    ),
    'CSV from the carrier is imported with broken umlauts: "MÃ¼ller" instead of "Müller"': (
        Remark(
            MANAGER,
            40,
            "`EF BB BF` is the mark of UTF-8, so they *have* changed something. What is the first line of a file from"
            " before?",
            True,
        ),
        Remark(
            AUTHOR,
            85,
            "`Sendung;Empfänger;PLZ;Ort`, without those three bytes in front. Today's file is below.",
            file="sendungen-2026.csv",
        ),
        Remark(MANAGER, 30, "Thank you. The old ones are Windows-1252, and our import still reads them as that."),
        Remark(AUTHOR, 20, "They confirm it now: *a small improvement of last week*. They did not think it mattered."),
    ),
    'Dashboard "Open orders" differs from the ERP by 214 orders': (
        Remark(COLLEAGUE, 55, "For planning the ERP is right. We checked thirty by hand yesterday."),
        Remark(MANAGER, 120, "Does the dashboard leave out **every** order with a partial delivery?", True),
        Remark(AUTHOR, 35, "Every one that I looked at, so ten of ten. Three of them:", file="open-orders.png"),
        Remark(
            MANAGER, 25, "No need, that is the condition in the query: `status = 'OPEN'`, and those are `'PARTIAL'`."
        ),
    ),
    "Stock of the web shop is not updated, we sell what we don't have": (
        Remark(MANAGER, 8, "Please do not delete the lock file by hand yet. Since when is the stock old?", True),
        Remark(AUTHOR, 6, "Since 02:00 tonight. At 01:50 it ran through:", file="stock-feed.png"),
        Remark(
            MANAGER,
            21,
            "The server was restarted at 01:56, in the middle of a run, and the lock stayed.\n\n"
            "- [x] lock removed\n- [x] feed started by hand, 02:00 on\n- [ ] no lock outlives its process",
        ),
        Remark(AUTHOR, 12, "Stock is right again. 61 orders in the end, Customer Care has the list."),
    ),
    "Conveyor 2 sorts parcels to the wrong gate": (
        Remark(MANAGER, 25, "Always one gate too low, or does it vary?", True),
        Remark(
            AUTHOR, 40, "Always one too low, and only when the belt is full. With gaps between the parcels it is right."
        ),
        Remark(MANAGER, 55, "Then the diverter comes late. The supplier's technician is on his way, on site at 14:00."),
    ),
    "Read-only in the contracts folder although I am in the group": (
        Remark(
            MANAGER,
            70,
            "What does `whoami /groups` say? You need not send all of it, only the lines with *Legal*.",
            True,
        ),
        Remark(AUTHOR, 30, "```\nEXAMPLE\\Legal-Contracts-RO\n```\n\nRO and not RW?"),
        Remark(
            MANAGER, 20, "You are in both, and the older one denies writing. It is taken out; sign in anew, please."
        ),
        Remark(AUTHOR, 16, "It saves. Thanks!"),
    ),
    "Código de verificação não chega no celular": (
        Remark(MANAGER, 30, "O aparelho novo usa o mesmo chip, ou é um eSIM?", True),
        Remark(
            AUTHOR,
            14,
            "eSIM, feito na loja no sábado. O número continua o mesmo. A tela fica assim:",
            file="codigo.png",
        ),
        Remark(
            MANAGER,
            48,
            "Então é isso: a operadora só libera SMS de **remetentes curtos** depois de 48 horas.\n\n"
            "Deixei um código de uso único com a recepção, com o seu nome.",
        ),
        Remark(AUTHOR, 1500, "Hoje cedo chegou por SMS. Pode encerrar da minha parte."),
    ),
    "Equipe do faturamento sem acesso ao ERP desde as 7h30": (
        Remark(COLLEAGUE, 6, "Aqui na filial também, com o mesmo erro 4031:", file="erro-4031.png"),
        Remark(MANAGER, 9, "Alguém da equipe ainda entra, ou são todos os nove?", True),
        Remark(AUTHOR, 4, "Todos. Às 7h10 a Cláudia ainda emitiu uma nota."),
        Remark(
            MANAGER,
            17,
            "O perfil `FAT_EMISSAO` perdeu o módulo na carga das 7h15. Já voltou:\n\n"
            "1. fechem o ERP por completo\n2. entrem de novo\n3. digam aqui se alguém ficou de fora",
        ),
        Remark(AUTHOR, 11, "Os nove entraram, e os caminhões estão saindo."),
    ),
    'Pagamento por PIX confirmado no banco, mas o pedido continua "aguardando"': (
        Remark(MANAGER, 65, "Desde quando? O provedor trocou a chave da assinatura na semana passada.", True),
        Remark(
            AUTHOR,
            50,
            "Desde quarta, por volta das 15h. Antes disso a baixa era na hora. O retorno do provedor está no arquivo.",
            file="retorno-pix.log",
        ),
        Remark(MANAGER, 33, "Confere: a chave nova vale desde quarta, 15h02, e a loja ainda usa a antiga."),
    ),
    "Centro de distribuição: o WMS congela na conferência de carga": (
        Remark(MANAGER, 18, "Acontece em todos os coletores ou só nos do modelo novo?", True),
        Remark(AUTHOR, 25, "Só nos novos, são doze. Os seis antigos estão bem, só mais lentos."),
        Remark(COLLEAGUE, 22, "No turno da noite fizemos só com os antigos: nenhum travamento."),
        Remark(
            MANAGER,
            47,
            "Voltamos a versão do aplicativo nos doze. **Não** precisam reiniciar, ela troca ao sair e entrar.",
        ),
    ),
    'Pedido duplicado quando o cliente clica duas vezes em "Comprar"': (
        Remark(MANAGER, 80, "Os nove são todos do site, ou há algum do aplicativo?", True),
        Remark(AUTHOR, 36, "Todos do site. No aplicativo o botão fica cinza, como deveria."),
    ),
    "Cálculo de frete mostra prazo de 1 dia para o Amazonas": (
        Remark(MANAGER, 95, "Qual CEP vocês usaram para testar?", True),
        Remark(AUTHOR, 28, "`69005-010`, Manaus. E com `69400-000` dá o mesmo:", file="frete.png"),
        Remark(MANAGER, 140, "A tabela de prazos para em `68999`, e o que está fora dela recebe o menor prazo."),
    ),
}


def create_conversations(people: People) -> int:
    """What was said so far about the newest live ticket of each of these problems; how many comments."""
    tickets = Ticket.objects.live().filter(title__in=CONVERSATIONS).select_related("created_by", "reviewed_by")
    newest = {ticket.title: ticket for ticket in tickets.oldest_first()}
    now = clock.now()
    said = [each for ticket in newest.values() for each in _said(ticket, people, now)]
    count = backfill_comments(comment for comment, _file in said)
    _attach(file for _comment, file in said if file)
    return count


def _attach(files: Iterable[AttachmentRecord]) -> None:
    """A desk whose files cannot be kept is shown without them."""
    try:
        backfill_attachments(files)
    except StorageUnavailable as error:
        log.warning("The demo desk has no files. %s", error)


def _said(ticket: Ticket, people: People, now: datetime) -> Iterator[tuple[CommentRecord, AttachmentRecord | None]]:
    author = ticket.created_by
    who = {
        AUTHOR: author,
        MANAGER: ticket.reviewed_by or _another(people.managers, author, ticket.sequence),
        COLLEAGUE: _another(people.associates, author, ticket.sequence),
    }
    at = ticket.created_at
    for remark in CONVERSATIONS[ticket.title]:
        at += timedelta(minutes=remark.after)
        if at >= now:
            return
        comment = CommentRecord(ticket, who[remark.by], remark.text, at, remark.is_question)
        yield _with_file(comment, remark.file) if remark.file else (comment, None)


def _with_file(comment: CommentRecord, name: str) -> tuple[CommentRecord, AttachmentRecord]:
    record = AttachmentRecord(
        id=uuid.uuid4(),
        ticket=comment.ticket,
        comment_id=comment.id,
        file_name=name,
        content=FILES[name](),
        uploaded_by=comment.author,
        created_at=comment.created_at,
    )
    shown = f"\n\n![{name}](attachment:{record.id})" if name.endswith(".png") else ""
    return replace(comment, text=comment.text + shown), record


def _another(people: list[User], author: User, number: int) -> User:
    others = [person for person in people if person != author]
    return others[number % len(others)]
