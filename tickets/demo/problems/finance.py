"""ERP, invoices, purchasing, payroll and time recording."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "Salary run stopped half way: 212 of 540 people paid, the bank's cut-off is at 15:00",
        (
            'The payment file broke off with "ORA-01555: snapshot too old" and the run is marked as '
            "finished, so it cannot be started again. We don't know whether the 212 were really handed over. "
            "Please call before you change anything, a second run could pay them twice."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "en",
    ),
    Problem(
        "Invoice PDF shows the total of the previous invoice",
        (
            "Steps:\n"
            '1. open an invoice and press "Copy"\n'
            "2. change a line\n"
            "3. print\n"
            "The screen shows the new total, the PDF the old one. Saving twice before printing gets it right."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        (
            "VAT is calculated with the old rate for customers in two countries since the first of the "
            "month; 96 invoices are out, the rest is held back"
        ),
        (
            "The 96 invoices are worth about 310,000 in total. The tax table has the new rate, the cache of "
            "the pricing service apparently has not."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Supplier name truncated on purchase orders after 35 characters",
        "The form has room for more. The suppliers understand who is meant, it just looks careless.",
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        'NF-e rejeitada: "Rejeição 778: informado NCM inexistente"',
        (
            "Produtos: 40117, 40118 e 40122, todos da linha nova.\n"
            "Retorno: cStat=778, xMotivo=Rejeição: Informado NCM inexistente [nItem:2]\n"
            "\n"
            "O NCM do cadastro confere com a tabela vigente, então suspeito que a tabela do emissor esteja "
            "desatualizada. Os pedidos desses itens ficam aguardando, os demais são faturados normalmente."
        ),
        "MEDIUM",
        None,
        "pt",
    ),
    Problem(
        "Bank statement import posts every line twice",
        (
            "From today's statement 418 lines became 836 postings, which automatically cleared open items "
            "that nobody has paid. Dunning runs tonight at 22:00 and must be stopped at the least. Message "
            "in the job log: duplicate key ignored, retrying batch."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Travel expenses: mileage above 999 km is refused",
        (
            "The field takes three digits. Claims have to be split in two, and then the second one fails the "
            'check for "one trip per day". Eight drivers of the field service are waiting for their money '
            "since last month."
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Which cost centre do I choose for a team event?",
        'The list has 4100, 4110 and 4199, all called "Other". I don\'t want to guess again.',
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        "Month-end closing: the lock does not lift for the corrections period",
        (
            'Period 9 is set to "open for corrections" for the group FI-CLOSE, but each of us gets "Period '
            'is closed for posting (F5 201)". Reporting to the parent company is due in three working days.'
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Folha: horas extras noturnas saíram com adicional de 20% em vez de 35%",
        (
            "A convenção coletiva foi atualizada no sistema, mas o cálculo de prévia ainda usa o percentual "
            "antigo para 87 colaboradores do terceiro turno. A folha fecha depois de amanhã e o sindicato já "
            "perguntou."
        ),
        "HIGH",
        "MEDIUM",
        "pt",
    ),
    Problem(
        'Add "Net 45" to the payment terms',
        'Agreed with purchasing for two new suppliers. Until then we enter "Net 60" and pay early by hand.',
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Goods receipt cannot be booked when the order has more than 99 lines",
        (
            '"Index was outside the bounds of the array." Orders of the spring season often have 120 to 150 '
            "lines. We split them in the meantime, which purchasing hates, understandably."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Three-way match approves invoices without a goods receipt",
        (
            "We found five last week, all from the same supplier, all with a quantity of exactly 1. None has "
            "been paid, the payment block was set by hand. It looks as if quantity 1 is treated as a service."
        ),
        "MEDIUM",
        "HIGH",
        "en",
    ),
    Problem(
        "Payment proposal lists suppliers whose bank details were changed without a second approval",
        (
            "The four-eyes check was switched off by yesterday's configuration transport, I believe by "
            "accident. Seven changes went through with one signature. Please restore it before tomorrow's "
            "payment run at 11, and send us the list of all changes since."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        'Relatório de centro de custo soma a linha "Total" duas vezes',
        (
            "Os valores por conta estão certos; só o rodapé aparece em dobro. Quem conhece já desconsidera, "
            "mas a diretoria perguntou."
        ),
        "LOW",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Currency rates were not loaded on Monday and Tuesday",
        (
            "Friday's rates are in use. For euro and dollar that is hardly noticeable; for two other "
            "currencies our offers were off by 3 %. The provider changed its address to "
            "https://rates.example.com/v2/daily.csv, with a semicolon instead of a comma as separator."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Ponto eletrônico não integra com a folha desde a troca da bateria do relógio",
        (
            "O relógio da portaria 1 registra normalmente, mas as marcações ficam com a data de 01/01/2000. "
            "São 45 pessoas. O RH está lançando à mão com base nas folhas assinadas."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "ERP não emite nenhuma nota fiscal e os caminhões estão parados na expedição",
        (
            'Desde as 5h40 toda transmissão retorna "Certificado digital expirado ou revogado". São 31 '
            "cargas com produto refrigerado e a contingência também não funciona. O prazo de entrega dos "
            "supermercados termina ao meio-dia."
        ),
        "VERY_HIGH",
        "HIGH",
        "pt",
    ),
    Problem(
        "Approval mails for purchase requests arrive in plain text with visible <br> tags",
        ('Readable, with some patience: "Item: Gloves<br>Qty: 40<br>Requested by: Stores". The link at the end works.'),
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Depreciation for assets bought in the short fiscal year is off by one month",
        (
            "Twelve assets, difference 1,904.16 in sum. The auditors know, and want it corrected before the "
            "annual statement, not before."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "E-invoices to public customers are refused by the government's portal since its update",
        (
            '"BR-DE-15: element BT-10 (Buyer reference) must be transmitted", although the field is filled '
            "on the screen. 23 invoices, some near their deadline, after which the orders' budget lapses."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        'Incluir o filtro "filial" na tela de contas a pagar',
        "Hoje exporto tudo para a planilha e filtro lá. Funciona, mas são uns dez minutos por dia.",
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "Dunning letter goes to the delivery address instead of the invoice address",
        (
            "Only for customers that came from the acquisition (numbers from 700000). A building site got a "
            "second reminder last week, and was not amused."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        (
            "Leave balance shows -3 days for part-time staff: the carry-over counts five days a week, the "
            'contract says four, and requests are now "refused automatically, negative balance" for 26 people'
        ),
        (
            "See the title; team leads approve by mail in the meantime, which HR then has to type in. New "
            "requests for the coming year are not affected."
        ),
        "MEDIUM",
        None,
        "en",
    ),
)
