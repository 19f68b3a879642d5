"""Questions, wishes, software requests and licences: nothing is broken."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "Dark mode for the intranet?",
        "Many of us on the night shift would be grateful. No hurry at all.",
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        "Licence for the diagram tool, one seat",
        (
            "For the process maps of the quality audit. Cost centre 5300, approved by Helena. A viewer "
            "licence isn't enough, I've tried."
        ),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        "How long are tickets kept?",
        (
            "The works council asks, and I would like to give a correct answer rather than a quick one. A "
            "pointer to the right document is plenty."
        ),
        "EASY",
        None,
        "en",
    ),
    Problem(
        "Licences of the CAD package run out on the 30th, renewal is stuck in purchasing",
        (
            "38 seats. The order has been waiting for a signature for three weeks, and the vendor needs five "
            "working days to issue the key file. If it lapses, the whole design office closes its laptops."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Put the phone list in alphabetical order",
        "By last name, please. At the moment it seems to be by date of hiring.",
        "EASY",
        None,
        "en",
    ),
    Problem(
        "Instalação do editor de PDF para o Jurídico",
        (
            "Quatro computadores. Precisamos juntar e numerar páginas de contratos; hoje pedimos para a "
            "recepção fazer. As licenças já foram compradas, a chave está com o Marcelo."
        ),
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "Trocar a foto do crachá no perfil",
        "A foto atual é de 2009 e ninguém me reconhece. Posso enviar uma nova por aqui?",
        "EASY",
        "EASY",
        "pt",
    ),
    Problem(
        "Is the free translation website allowed for customer letters?",
        (
            "A colleague uses it daily. If it is not allowed, which one may we use? We write in five "
            "languages and the budget for the agency is spent."
        ),
        "LOW",
        "MEDIUM",
        "en",
    ),
    Problem(
        "The cafeteria menu on the screens is last week's",
        'Today\'s is on the intranet. It did say "lasagne" and there was no lasagne.',
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        "Statistics package for two trainees, six months",
        (
            "The free edition will do, if it is in the catalogue. They begin next month, so there's time. "
            "They will need about 20 GB of disk for the samples."
        ),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        "Sugestão: atalho de teclado para aprovar solicitações",
        "Aprovo umas cinquenta por dia e o mouse cansa. Se existir um atalho, basta me dizer qual é.",
        "EASY",
        None,
        "pt",
    ),
    Problem(
        "Training for the new ticket form",
        (
            "Half an hour for the shop-floor foremen, ideally at shift change. Three of them have never used "
            "one and would rather call."
        ),
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Update of the drawing viewer: the version in the catalogue can't open files of our new supplier",
        (
            '"Unsupported file version 2026.1". The supplier can save in the old format on request, with a '
            "day's delay each time. The newer viewer is free of charge. 60 workplaces in production and "
            "quality."
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        (
            'Request: rename the button "Submit" to "Send to manager" on the holiday form, because several '
            'new colleagues believed that "Submit" only saves a draft and were then surprised by a prompt '
            "approval"
        ),
        "That is really all.",
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        "Spell checker for Portuguese on my laptop",
        (
            "I write to our partners in Porto and São Paulo, and the red lines under every word make it hard "
            "to see the real mistakes."
        ),
        "LOW",
        None,
        "en",
    ),
    Problem(
        "O logotipo antigo ainda aparece na tela de login do portal de fornecedores",
        "O novo já está na intranet. Apenas estético, nenhum fornecedor reclamou.",
        "EASY",
        "EASY",
        "pt",
    ),
    Problem(
        (
            "Which tool do we use for sending files over 2 GB to customers, now that the old transfer server "
            "is gone and people have begun to help themselves?"
        ),
        (
            "The old address now shows a parking page. People use private accounts on free services, which I "
            "have asked them to stop. We need an official answer, soon."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Unused licences: can we give 12 of 30 seats of the survey tool back?",
        (
            "Reminder from the vendor attached, the notice period ends in six weeks. HR counted 18 people "
            "who opened it this year."
        ),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        'Please remove the "New!" badge from the travel portal',
        "It has been new since before the last office move.",
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        "Preciso do manual do módulo de manutenção em português",
        (
            "Só encontrei a versão em inglês e os mecânicos têm dificuldade. Serve também uma tradução "
            "parcial, dos capítulos de ordem de serviço e de peças."
        ),
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "Bigger font for the scoreboard in hall C",
        (
            "From the far end of the line you cannot read the piece count, and the people there are the ones "
            "it's meant for. Somewhere around twice the size."
        ),
        "LOW",
        "MEDIUM",
        "en",
    ),
    Problem(
        'Would it be possible for the "Remember me" box to remember me?',
        "It does, for a week. A month would be nicer. I know, security; I had to ask.",
        "EASY",
        "LOW",
        "en",
    ),
    Problem(
        "Qual o navegador recomendado para o sistema de compras?",
        "Em um deles a tela fica desalinhada; no outro está tudo bem. Vou usar o que vocês indicarem.",
        "EASY",
        None,
        "pt",
    ),
    Problem(
        "Access to the photo archive, and a hint how to search in it",
        (
            "For the anniversary brochure we look for pictures of the old foundry, 1960s or so. Read access "
            "is plenty. The editorial deadline is in two months."
        ),
        "LOW",
        "LOW",
        "en",
    ),
)
