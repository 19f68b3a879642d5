"""What people of the demo desk attach to what they say, by name. It is made when it is needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tickets.demo.drawings import dialog, table, terminal


def _text(*lines: str, encoding: str = "utf-8") -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode(encoding)


FILES: dict[str, Callable[[], bytes]] = {
    "basket.png": partial(
        table,
        [
            ("Article", "Quantity", "Price"),
            ("Watering can, 10 l", "1", "34.90"),
            ("Voucher SPRING10", "", "-3.49"),
            ("Voucher SPRING10", "", "-3.14"),
            ("Total", "", "28.27"),
        ],
        marked=[2, 3],
    ),
    "dock.png": partial(
        terminal,
        [
            "[ 8123.402] usb 3-2: USB disconnect, device number 7",
            "[ 8124.118] ucsi_acpi USBC000:00: error: con1: failed to get status",
            "[ 8124.590] PM: suspend exit",
            "[ 8129.731] typec port0: error: no reply from partner (-110)",
        ],
    ),
    "open-orders.png": partial(
        table,
        [
            ("Order", "Delivered", "ERP", "Dashboard"),
            ("4500118230", "6 of 10", "open", "-"),
            ("4500118377", "1 of 2", "open", "-"),
            ("4500118402", "0 of 4", "open", "open"),
            ("4500118519", "30 of 48", "open", "-"),
        ],
        marked=[1, 2, 4],
    ),
    "stock-feed.png": partial(
        terminal,
        [
            "01:40:02  stock feed: 18 204 articles, 61 changed, done in 38 s",
            "01:50:02  stock feed: 18 204 articles, 12 changed, done in 36 s",
            "02:00:02  stock feed: error: /var/lock/stock-feed exists, not started",
            "02:10:02  stock feed: error: /var/lock/stock-feed exists, not started",
        ],
    ),
    "codigo.png": partial(
        dialog,
        "Entrar",
        ["Acabamos de enviar um SMS para final 4417.", "Nada ainda? Tente de novo em 00:00."],
        "Reenviar",
    ),
    "erro-4031.png": partial(
        dialog,
        "Faturamento",
        ["Erro 4031: acesso negado para FAT_EMISSAO.", "Procure o administrador do sistema."],
        "OK",
    ),
    "frete.png": partial(
        table,
        [
            ("CEP", "Cidade", "Prazo", "Valor"),
            ("69005-010", "Manaus", "1 dia", "R$ 18,40"),
            ("69400-000", "Manacapuru", "1 dia", "R$ 18,40"),
            ("13010-001", "Campinas", "2 dias", "R$ 14,90"),
        ],
        marked=[1, 2],
    ),
    "sendungen-2026.csv": partial(
        _text,
        "\ufeffSendung;Empfänger;PLZ;Ort",
        "00340434161094000017;Bäckerei Müller;80331;München",
        "00340434161094000024;Jörg Groß;50667;Köln",
        "00340434161094000031;Café Übersee;28195;Bremen",
    ),
    "retorno-pix.log": partial(
        _text,
        "15:01:47 INFO  retorno recebido e2eid=E18236120 valor=189,90 assinatura=ok pedido=B-77120",
        "15:02:11 ERROR retorno recebido e2eid=E18236154 valor=74,50 assinatura=invalida descartado",
        "15:02:38 ERROR retorno recebido e2eid=E18236190 valor=320,00 assinatura=invalida descartado",
        "15:03:05 ERROR retorno recebido e2eid=E18236201 valor=59,90 assinatura=invalida descartado",
    ),
}
