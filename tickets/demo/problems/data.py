"""Reports, data quality, interfaces and files that travel between systems."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        'CSV from the carrier is imported with broken umlauts: "MÃ¼ller" instead of "Müller"',
        (
            "They say that nothing has changed on their side. The file begins with EF BB BF since last week, "
            "if that helps; before, it did not. Labels with broken names get delivered all the same, most of "
            "the time."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Sales report: the quarter starts in February",
        (
            "Someone must have set the fiscal year of the other company. The monthly figures are right, only "
            "the grouping isn't."
        ),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        (
            "Interface to the customs authority rejects every declaration since midnight, 17 shipments wait "
            "at the border"
        ),
        (
            'HTTP 422, body: {"error":"schemaVersion 3.1 is no longer supported"}. The new version was '
            "announced in spring, I am told, to an address that nobody reads. Each day costs demurrage."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        'Dashboard "Open orders" differs from the ERP by 214 orders',
        (
            "The dashboard says 1,871 and the ERP 2,085, both at 08:00. A sample of ten of the missing ones "
            "shows that all have a partial delivery. Planning works with the ERP list until it is clear "
            "which is right."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Can the weekly report come on Monday instead of Sunday?",
        "Nobody reads it on Sunday and by Monday it's far down in the mailbox.",
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        'Importação de clientes para na linha 1.204: "quantidade de colunas inválida"',
        (
            'O nome dessa linha tem ponto e vírgula dentro de aspas: "Comércio de Peças Alto; Filial Sul". O '
            "importador parece ignorar as aspas. Para continuar, removi o sinal e importei o restante."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Data warehouse load deletes yesterday before it loads today, and then fails",
        (
            'So the morning figures are simply empty, for three days now. The load stops with "numeric value '
            "out of range: column margin_pct\", always at the same shop. The board's meeting on Thursday "
            "needs the figures; whoever can should load at least the history again by then."
        ),
        "HIGH",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Export button gives an .xls that the spreadsheet warns about",
        (
            '"The file format and extension don\'t match. Open anyway?" Yes, and all is well. New colleagues '
            "are frightened each time."
        ),
        "LOW",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Article weights are in grams at site A and in kilograms at site B since the master data were merged",
        (
            "Freight costs for B are calculated a thousand times too high, so the system picks the truck for "
            "a box of screws. Dispatch overrides it by hand, forty times a day at a guess."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        'Field "Country" accepts "UK", "GB", "United Kingdom" and "England"',
        "A picklist would do. In the statistics they are four countries.",
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Webhook to the logistics partner is sent up to five times for one event",
        (
            "They answer 200, but only after 12 s, and our side gives up after 10 s and repeats. They have "
            "created duplicate pick-ups for it twice. They ask whether we can send an id of the event, so "
            "that they can recognise repeats."
        ),
        "MEDIUM",
        "HIGH",
        "en",
    ),
    Problem(
        "Relatório de comissões não considera as devoluções",
        (
            "Os vendedores veem um valor maior do que o que será pago e reclamam com razão. O pagamento é "
            "conferido à parte e sai correto, mas o relatório gera discussão todo mês."
        ),
        "MEDIUM",
        None,
        "pt",
    ),
    Problem(
        'Sorting by "Amount" in the list of claims puts 1,000 before 200',
        "It sorts as text. I export and sort there.",
        "LOW",
        None,
        "en",
    ),
    Problem(
        "EDI: no orders from our largest customer since Friday 17:00",
        (
            "Their system shows all messages as delivered and acknowledged by ours, with control numbers "
            "88121 to 88190. Our inbound folder is empty, and the archive too. The customer expects the "
            "first of these deliveries tomorrow, and a contract penalty applies from then on."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Address check moves house number into the street name",
        (
            '"Mill Lane 4a" becomes street "Mill Lane 4a", number "". With numbers without a letter it '
            "works. About 3 % of our new customers, and the parcel service has started to send surcharges "
            'for "incomplete address".'
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Cores do gráfico de produção difíceis de distinguir",
        (
            "As linhas 2 e 3 são dois tons de verde quase iguais. Quem imprime em preto e branco não vê "
            "diferença nenhuma. Seria bom mudar algum dia."
        ),
        "EASY",
        None,
        "pt",
    ),
    Problem(
        'Nightly exchange with the external system skipped 37 rows with "unknown ticket"',
        (
            "The numbers exist on our side, but look different in their file:\n"
            "id,ticket_number,status\n"
            ",NB tkt 4411,OPEN\n"
            ',"NB tkt 4412 ",CLOSED\n'
            "They would change it if we told them the rule; where is it written down?"
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        'Incluir a coluna "data prevista" na exportação de compras',
        ("Hoje ela existe na tela, mas não no arquivo. O time de planejamento usa para montar a agenda das docas."),
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "Integração com a transportadora envia endereços trocados",
        (
            "As etiquetas de hoje saíram com o endereço do pedido anterior: cada cliente recebe a caixa de "
            "outro. Seguramos 140 volumes na doca, mas 60 já saíram na primeira coleta. A integração foi "
            "atualizada ontem à noite."
        ),
        "HIGH",
        "HIGH",
        "pt",
    ),
    Problem(
        "Age of receivables: invoices due today are counted as 30 days overdue",
        (
            "Probably the time zone: the report runs at 23:30 and our server thinks in UTC. Two customers "
            "received a letter that they should not have, and we have paused the letters."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        'Test data visible in the production report ("Dora, Test GmbH, 99,999.00")',
        ("Everybody knows her by now. She has been our best customer for two quarters, still she should go, please."),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        "API of the product catalogue returns prices as strings with a comma",
        (
            'Since version 4: "price": "12,50" where it was 12.5. Our configurator parses that as 12 and '
            "rounds every offer down. We have pinned version 3 for now, which is switched off at the end of "
            "the quarter according to https://api.example.com/changelog."
        ),
        "MEDIUM",
        None,
        "en",
    ),
)
