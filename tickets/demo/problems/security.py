"""Phishing, malware, leaked data and suspicious sign-ins."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "Ransom note on the file server, files are being renamed right now",
        (
            'Everything in \\\\files\\engineering ends in ".locked" and more files follow every minute. A '
            "text file README_RESTORE.txt stands in every folder. I have pulled the network cable of the PC "
            "where it started, the renaming goes on."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "en",
    ),
    Problem(
        "I entered my password on a fake sign-in page",
        (
            'The mail pretended to be from HR, "updated bonus letter, please confirm". I noticed when the '
            "real page looked different afterwards. That was ten minutes ago; I changed the password from a "
            "colleague's PC, but the second factor was confirmed too, and I have access to the whole "
            "customer base."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        'Phishing wave with the subject "Unpaid toll", about 50 reports',
        (
            "The link leads to http://tolls.example.com/pay. Nobody in our department has entered anything "
            "as far as we know. Could it be blocked at the proxy and removed from the mailboxes?"
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Sign-ins to the accountant's mailbox from a country we have no business in",
        (
            "> 03:14 success\n"
            "> 03:17 success\n"
            "> 03:52 success\n"
            'She was asleep. A rule in her mailbox moves everything with "invoice" in the subject to the '
            'folder "RSS Feeds"; she did not make it.'
        ),
        "HIGH",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Recebi um e-mail suspeito com anexo .zip, não abri",
        (
            "O remetente diz ser um banco em que não temos conta. Encaminho como anexo, conforme o "
            "treinamento. Pode ser apagado?"
        ),
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "Planilha com CPF e salário de 1.800 funcionários publicada no site",
        (
            "Um candidato encontrou o arquivo pelo buscador e nos avisou. Está em "
            "https://www.example.com/uploads/rh_base.xlsx e continua acessível. Precisamos tirar do ar "
            "imediatamente, saber quem baixou e avisar a encarregada de dados."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "pt",
    ),
    Problem(
        'USB stick found in the car park, labelled "Bonus 2nd half"',
        "It's on my desk in an envelope. Nobody has plugged it in, though two people offered.",
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Antivirus console: 1,100 machines have had no signatures for nine days",
        (
            "The console shows them as green, the date is in the last column. An update from the console "
            'ends with "repository key expired". We are told that a new piece of malware in our industry '
            "makes the rounds, so it should not wait for the maintenance window."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "API key of the map service committed to the public repository",
        (
            "It was visible for about three hours. The key is limited to our domains and 10 EUR a day, and "
            "it has been replaced. Please check the usage and whether others slipped through at the same "
            "time."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Supplier asks by mail for new bank details to be used, and two transfers have already gone out",
        (
            'The address differs from the real one by one letter: example.com with a zero for the "o" in the '
            "signature link. 48,300 in all. The bank has been asked to recall. We need the mail headers "
            "kept, and to know if the supplier's thread was read in our house or in theirs."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Confidential draft left in the tray of the shared printer, for the third time",
        "Pull printing with the badge exists on floor 1; why not on floor 5, where the lawyers are?",
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Screen lock waits for 30 minutes in the showroom",
        (
            "Visitors walk past those machines. Five minutes, as in the policy, would be right; the machines "
            "have no customer data, only the catalogue."
        ),
        "LOW",
        None,
        "en",
    ),
    Problem(
        ('Unknown administrator account "svc_upd8" created tonight on the domain controller, and the log was cleared'),
        (
            "02:41  4720  account created\n"
            "02:42  4728  added to Domain Admins\n"
            "02:50  1102  audit log cleared\n"
            "\n"
            "None of our team was on duty or has a change open. The account has an active session at this "
            "moment."
        ),
        "VERY_HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Telefonema de um suposto técnico pedindo acesso remoto, e o colega liberou",
        (
            "Ele disse ser do suporte e pediu para instalar um programa. O acesso durou uns quinze minutos "
            "antes de o Rafael desconfiar e desligar o computador. No terminal estavam abertos o ERP e o "
            "internet banking da empresa."
        ),
        "HIGH",
        None,
        "pt",
    ),
    Problem(
        "Antivírus bloqueou um arquivo na máquina da recepção",
        (
            '"Trojan.Generic.4471, ação: quarentena." O arquivo veio em um pen drive de visitante. O '
            "computador parece normal, mas está desligado da rede até alguém olhar."
        ),
        "MEDIUM",
        "HIGH",
        "pt",
    ),
)
