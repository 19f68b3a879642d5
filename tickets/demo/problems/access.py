"""Sign-in, permissions, joining and leaving."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "Nobody in Customer Care can sign in since the password policy change",
        (
            'All 14 of us get "Your credentials could not be verified" although the passwords were renewed '
            "yesterday, as asked. Phones are ringing and we cannot open a single customer record. Other "
            "departments seem fine."
        ),
        "HIGH",
        None,
        "en",
    ),
    Problem(
        "SSO loop between the portal and the identity provider",
        (
            "After entering my password I am sent back to the sign-in page, about six times, and then see:\n"
            "ERR_TOO_MANY_REDIRECTS\n"
            "Clearing cookies helps for roughly an hour, then it starts again."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Please unlock my account",
        "Three wrong tries after the long weekend. I am at my desk, extension 2214, badge in hand.",
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        'New colleague starts Monday: accounts for mail, CRM and the shared drive "Sales North"',
        (
            "Priya joins the northern sales team on Monday at 9.\n"
            "- mailbox and calendar\n"
            "- CRM with the same profile as Marta\n"
            '- read and write on "Sales North", read on "Price lists"\n'
            "Her laptop has already arrived and stands in the post room."
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Leaver still has access to the payment portal",
        (
            "Owen left the company last Friday, yet his name is still on the list of people who may release "
            "payments, and the audit trail shows a sign-in of his on Sunday evening. Please close everything "
            "he has and tell us what he opened."
        ),
        "HIGH",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Código de verificação não chega no celular",
        (
            "Desde que troquei de aparelho não recebo mais o código por SMS. Já conferi o número no cadastro "
            "e está certo. Consigo trabalhar só enquanto a sessão de hoje estiver aberta."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "How do I change my display name after my marriage?",
        (
            "My documents are with HR already. Is there a form, or do you do it when HR tells you? It does "
            "not matter when."
        ),
        "EASY",
        None,
        "en",
    ),
    Problem(
        "Authenticator app asks for a number that is never shown",
        (
            'The prompt on the phone says "enter the number shown on your screen", but the sign-in page '
            "shows only a spinner. Happens with both browsers on my laptop; a colleague's laptop shows the "
            "number right away."
        ),
        "MEDIUM",
        "HIGH",
        "en",
    ),
    Problem(
        "Single sign-on is down for the whole company",
        (
            'Every application behind the sign-in page answers "503 upstream connect error" since 08:52. '
            "Mail on phones still works because the sessions are alive; anyone who signs out is locked out. "
            "The phone queue is at 60 callers."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "en",
    ),
    Problem(
        "Read-only in the contracts folder although I am in the group",
        (
            'My membership of "Legal-Contracts-RW" was approved on Tuesday. Opening works, saving does not.\n'
            "\n"
            "Tried so far:\n"
            "1. signed out and in\n"
            "2. restarted\n"
            "3. waited a night\n"
            "\n"
            "Message: Access is denied (0x80070005)."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Solicito acesso à pasta compartilhada do Marketing",
        (
            'Fui transferida para o Marketing na semana passada e ainda não vejo a pasta "Campanhas". A '
            "gestora da área, Renata, já autorizou por e-mail (em anexo)."
        ),
        "LOW",
        None,
        "pt",
    ),
    Problem(
        "Interns can open the salary folder",
        (
            "While searching for the holiday calendar our intern ended up in \\\\files\\hr\\compensation and "
            "could open every spreadsheet. I asked him to close it and took a screenshot of the permissions: "
            'the group "All staff" is listed with read rights, inherited from the parent folder. This must '
            "have changed recently, last month he could not even see the folder."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Temporary access for the external auditors, three people, two weeks",
        (
            "They need read-only rights in the general ledger and the document archive, from Monday until "
            "the end of next week, and guest Wi-Fi. Names and e-mail addresses come separately, the "
            "non-disclosure agreements are signed."
        ),
        "LOW",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Password reset link has always expired already",
        (
            'I click the link within a minute of receiving it and still read "This link is no longer valid". '
            "I suspect our mail filter opens it first: the log in my profile lists a visit two seconds after "
            "sending, from an address that is not mine."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Approver role lost after the directory sync, 31 purchase orders are stuck",
        (
            'Since last night\'s sync none of the four approvers of plant 2 sees the "Approve" button. The '
            "suppliers' cut-off is tomorrow at noon; after that we pay express delivery. Giving the role by "
            "hand works until the next sync, which runs every hour and takes it away again."
        ),
        "HIGH",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Usuário desligado continua aparecendo na lista de responsáveis",
        (
            "O Fábio saiu da empresa em definitivo no mês passado, mas o sistema de chamados ainda distribui "
            "tarefas para ele. Já são sete chamados parados na fila dele e nenhum cliente foi avisado."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Session expires after 10 minutes in the planning tool",
        (
            "It used to be an hour. Long enough to fill in a form, short enough to lose it: I have now taken "
            "to typing my comments in a text file first and pasting them."
        ),
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Smart card reader not recognised at the reception PC",
        (
            'Reader is lit, but "No readers connected" in the sign-in dialog. We swapped it with the one '
            "from the back office, same result there, so probably the driver. Visitors' badges are written "
            "by hand for now."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        'Distribution of rights for the new "Quality" team',
        (
            "Six people move from Production to Quality on the first of next month. Could you copy the "
            "profile of Ingrid for all of them and take the old one away a week later? List attached. No "
            "rush before the 25th."
        ),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        "Equipe do faturamento sem acesso ao ERP desde as 7h30",
        (
            'Ao entrar aparece a mensagem "Perfil sem permissão para o módulo FAT (erro 4031)". Somos nove '
            "pessoas paradas, hoje é dia de fechamento e há caminhões aguardando nota fiscal no pátio."
        ),
        "HIGH",
        "HIGH",
        "pt",
    ),
    Problem(
        "Qual é a regra para a senha nova?",
        (
            'O sistema recusa minha senha e diz apenas "não atende aos requisitos". Quais são os requisitos? '
            "Consegui resolver por tentativa, mas seria bom saber para orientar os colegas."
        ),
        "EASY",
        "EASY",
        "pt",
    ),
    Problem(
        "Guest account of a supplier was disabled in the middle of a project",
        (
            'Our tooling supplier uses the guest account "ext-tooling-04" to upload drawings. It expired on '
            "Wednesday without notice, and the review on Friday depends on two of those drawings. Please "
            "extend it to the end of the quarter; they can send the files by mail in the meantime."
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Two accounts for the same person after a name change",
        (
            "Sofia now exists twice:\n"
            "sofia.k - tickets, approvals\n"
            "sofia.m - mail, calendar\n"
            'The chat shows her as "away" for ever.'
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Ninguém da fábrica consegue entrar: o controlador de domínio não responde",
        (
            'Todos os terminais das linhas 1 a 4 pedem senha e ficam em "Bem-vindo" até dar erro de tempo '
            "esgotado. A produção parou às 6h10. O TI local reiniciou o servidor duas vezes, sem resultado."
        ),
        "VERY_HIGH",
        "HIGH",
        "pt",
    ),
    Problem(
        'Remover meu acesso ao grupo "Plantão TI"',
        ("Deixei o plantão em abril e continuo recebendo alertas de madrugada. Podem me tirar do grupo, por favor?"),
        "LOW",
        None,
        "pt",
    ),
    Problem(
        "Offboarding of the call-centre agency: 40 accounts to close by 18:00 today",
        (
            "The contract ends today, at their request and on short notice. Please close all accounts that "
            'begin with "cc-", end open sessions, redirect the shared mailbox to Customer Care and confirm '
            "in writing; Legal needs the confirmation before they return the deposit."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
)
