"""Web shop, payments, CRM, warehouse and delivery."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        'Checkout is down: every card payment ends with "Something went wrong"',
        (
            "Since 19:05, on all browsers and in the app. The payment provider answers 401 invalid_api_key. "
            "Last order came in at 19:03; at this hour we usually have forty an hour. PayLater and invoice "
            "are switched off in this shop, so there is no other way to pay."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "en",
    ),
    Problem(
        "Voucher SPRING10 is accepted twice in the same basket",
        (
            "1) enter the code; 2) go back to the address; 3) enter it again.\n"
            "Result: 20 % off instead of 10 %.\n"
            "We have seen eleven such orders. Marketing would rather keep the code running, so please fix "
            "the check instead of removing it."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Product pictures of the garden range are blurred on large screens",
        "They look fine on phones. The originals have 3000 pixels; I think the thumbnail is shown instead.",
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Stock of the web shop is not updated, we sell what we don't have",
        (
            "02:00:01 INFO  feed: start\n"
            "02:00:01 ERROR feed: lock file exists, another import is running (pid 20713)\n"
            "And so on every ten minutes; there is no process 20713. So far 57 orders for items with stock "
            "zero, among them the promoted drill. Customer Care has begun to cancel them by hand and to "
            "apologise."
        ),
        "HIGH",
        None,
        "en",
    ),
    Problem(
        "Cálculo de frete mostra prazo de 1 dia para o Amazonas",
        (
            "O valor está certo, só o prazo que não. Já tivemos reclamações de seis clientes que compraram "
            "contando com a entrega no dia seguinte."
        ),
        "MEDIUM",
        "LOW",
        "pt",
    ),
    Problem(
        'Typo on the returns page: "recieve"',
        "Second paragraph, https://shop.example.com/help/returns. Twice, in fact.",
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        "Customers with an apostrophe in their name cannot register",
        (
            '"Invalid character in field last name". A Mrs O\'Brien phoned and spelled it out for us, with '
            "remarkable patience. Without the apostrophe it works, and that is how we entered her."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Refunds are marked as paid but never reach the customer",
        (
            "We compared the last fortnight with the provider's report: of 131 refunds 44 are missing there. "
            'In our system they all say "refunded". Customers are disputing the charges with their banks '
            "now, which costs a fee each time."
        ),
        "HIGH",
        "MEDIUM",
        "en",
    ),
    Problem(
        "CRM: activities of colleagues on leave are not visible to their deputies",
        (
            'The setting "share with deputy" is on for all of us. Since the release on Thursday the deputy '
            "sees the customer but an empty timeline. Two quotations were nearly sent a second time."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Loja virtual fora do ar em plena campanha de aniversário",
        (
            "Todas as páginas retornam erro 504 desde as 20h12. Há propaganda na televisão neste momento e "
            "cerca de 9 mil pessoas na fila de acesso. O time de plantão já reiniciou os servidores de "
            "aplicação duas vezes; o banco está com 100% de CPU."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "pt",
    ),
    Problem(
        'Search finds nothing for "t shirt" but plenty for "t-shirt"',
        'The same with "e bike". Low priority for us, the menu leads there as well.',
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        "Warehouse: pick list sorted by article number instead of by aisle",
        (
            "Since the update. Pickers walk about twice the distance; the foreman re-sorts the lists by hand "
            'in the morning, so the shift is coping. Setting "sort = location" is still there in the '
            "configuration."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Conveyor 2 sorts parcels to the wrong gate",
        (
            "About one in fifteen. The scanner reads the label correctly (the log says gate 7) and the "
            "diverter goes to 6. Yesterday 90 parcels went to the wrong country. We have put two people "
            "there to check by eye, which will not hold for the week before the holidays."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        'Pagamento por PIX confirmado no banco, mas o pedido continua "aguardando"',
        (
            "A baixa só acontece depois de umas quatro horas, quando deveria ser imediata. Os clientes ligam "
            "com o comprovante na mão e o atendimento libera manualmente. Parece que a notificação do "
            'provedor não chega; no log há vários "webhook signature mismatch".'
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Newsletter unsubscribe page is in the wrong language",
        (
            "It comes up in German for everyone. Unsubscribing itself works, people just are not sure of it "
            "and write to us."
        ),
        "LOW",
        "MEDIUM",
        "en",
    ),
    Problem(
        'Duplicate customers after the merge of the two CRM tenants, e.g. "Acme, Ltd." and "Acme Ltd"',
        (
            "The import seems to compare names exactly. We count about 2,300 pairs. Sales visits the same "
            "company twice now and then, and turnover per customer is wrong in the dashboard. A list of the "
            "pairs with both ids would let us begin to merge."
        ),
        "MEDIUM",
        "HIGH",
        "en",
    ),
    Problem(
        'Trocar o texto do botão "Finalizar compra" por "Ir para o pagamento"',
        (
            "Pedido do time de experiência. Nos testes com usuários as pessoas achavam que o pedido já "
            "estava fechado nessa etapa. Sem urgência, pode entrar na próxima versão."
        ),
        "EASY",
        None,
        "pt",
    ),
    Problem(
        (
            "Aplicativo do motorista não registra a entrega sem sinal: a assinatura some quando o aplicativo "
            "é fechado (versão 5.2, modo offline)"
        ),
        (
            "O aparelho deveria guardar a assinatura e enviar depois, como até a versão 5.1. Perdemos os "
            "comprovantes de 73 entregas ontem e os clientes podem contestar a cobrança."
        ),
        "HIGH",
        "HIGH",
        "pt",
    ),
    Problem(
        "Delivery notes print without batch numbers for food customers",
        (
            "The field is on the template; it has been empty since the article master was migrated.\n"
            "\n"
            "Two customers refused the goods at their gate. We write the numbers on the paper with a pen, "
            "stamped and signed."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        'Shop shows other people\'s orders under "My account"',
        (
            "A customer sent us screenshots: after signing in she saw name, address and order history of "
            "somebody else; after a reload, of a third person. We could reproduce it on two machines. It "
            "began with the new caching rules for /account at 11:30. Please take the pages offline until it "
            "is clear how many were affected."
        ),
        "VERY_HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Quotation template: move the validity date above the total",
        "Customers overlook it at the bottom of page 2. A mock-up is attached, the sales manager agrees.",
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        'Pedido duplicado quando o cliente clica duas vezes em "Comprar"',
        (
            "Hoje identificamos nove casos e conseguimos cancelar todos antes do envio. Só acontece com "
            "internet lenta; o botão não é desativado depois do primeiro clique."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Prices of 0.00 for 312 articles in the reseller portal",
        (
            "The price import wrote zero wherever the new list has an empty cell. Orders are being placed, "
            "19 so far, all before anyone in our office was awake. The portal is still open since we have no "
            "right to close it: please close it, or put back yesterday's prices."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Tracking link in the dispatch mail leads to the carrier's home page",
        ("It lacks the parcel number at the end. Most customers copy the number from the mail, and a few write to us."),
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Centro de distribuição: o WMS congela na conferência de carga",
        (
            "Como acontece:\n"
            "- ler a etiqueta do palete;\n"
            "- digitar a quantidade;\n"
            '- tocar em "Salvar": a tela fica em "Salvando..." até reiniciar o coletor, e a contagem se '
            "perde.\n"
            "São 18 operadores, cerca de três travamentos por hora para cada um. A expedição de hoje está "
            "com quatro horas de atraso."
        ),
        "HIGH",
        None,
        "pt",
    ),
    Problem(
        "Basket is emptied when switching from the app to the website",
        (
            'Same account on both. Before the last release it was kept. The app team says "site", the site '
            'team says "app", so here is a ticket for both.'
        ),
        "MEDIUM",
        None,
        "en",
    ),
)
