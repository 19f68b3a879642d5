"""Mail, calendars, telephones, chat and meeting rooms."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        'Outgoing mail to customers bounces: "550 5.7.1 blocked, poor reputation"',
        (
            "Since this morning roughly a third of our order confirmations come back. Excerpt:\n"
            "<buyer@example.com>: host mx1.example.com said: 550 5.7.1 Service unavailable; client host "
            "[203.0.113.17] blocked (in reply to RCPT TO command)\n"
            "Internal mail is fine. We think the newsletter that went out yesterday got our address onto a "
            "list."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Out-of-office text cannot be saved with an emoji",
        "Saving does nothing when the text contains one. Without it everything works, so I have left it out.",
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        'Shared mailbox "orders" shows 3 400 unread messages that were all read',
        (
            "The counter jumped overnight, for all five of us. We use unread as our to-do list, so nobody "
            "can tell any more which orders are new; we are going by the time stamp for today."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Caixa de e-mail cheia e o arquivamento automático não roda",
        (
            'Recebo o aviso "sua caixa atingiu 99% da cota" e o arquivamento que deveria rodar à noite está '
            "com a data do mês passado. Já apaguei os anexos grandes, mas voltou a encher em dois dias."
        ),
        "MEDIUM",
        None,
        "pt",
    ),
    Problem(
        "What is the number of the new fax-to-mail gateway?",
        "A public authority still insists on fax. The number in the wiki is not in service.",
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        "No incoming calls on any line, the main number gives a busy tone",
        (
            "Incoming: dead, confirmed from three mobile networks.\n"
            "Outgoing: works.\n"
            "The provider's status page says all is well, and their hotline asks for a customer number that "
            "we do not have. This includes the emergency line of the gas warehouse."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "en",
    ),
    Problem(
        "Meeting room Oak: the camera shows the ceiling",
        "Someone has turned it by hand and the remote control only zooms.",
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Double bookings in the rooms on floor 4",
        (
            "Recurring meetings accept the room although someone else already has it. Twice this week two "
            "groups stood in front of the same door, once with a customer. Single meetings are refused "
            "correctly. It began when the calendar was moved to the new server."
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Caller's number is no longer shown on the desk phones",
        (
            "All we see is the number of our own switchboard, so the CRM cannot open the customer's record "
            "by itself and each call takes half a minute longer."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Ramal 3117 sem áudio na chegada da chamada",
        (
            "Nos primeiros cinco segundos não ouço o cliente; depois o som volta ao normal. Troquei o fone e "
            "o cabo e não mudou nada. Com o ramal do colega ao lado não acontece."
        ),
        "LOW",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Mails with large drawings are silently dropped, neither delivered nor bounced",
        (
            "We found out because a customer called: four messages with 28 MB attachments never arrived, and "
            'the sender got no notice. The gateway log says "queued" and then nothing. Engineering sends '
            "such mails daily, and we cannot say since when this goes on."
        ),
        "HIGH",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Delivery report for a mail to a supplier",
        (
            "He says he never got our cancellation of the 3rd. Could you look up whether the message with "
            'the subject "Cancellation of call-off 7, please confirm" left the house?'
        ),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        "Signature template still carries the old street name",
        'We moved two doors down. "Harbour Street 12" should read "Harbour Street 16"; the rest is right.',
        "EASY",
        None,
        "en",
    ),
    Problem(
        (
            "Calendar invitations from customers stand one hour late or early on the phone since the clocks "
            "changed, while the laptop has them right"
        ),
        (
            "Since that weekend, invitations sent from two countries show at the wrong time on the phone, "
            "and at the right one on the laptop. I missed a call with a buyer on Tuesday because of it."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Criar lista de distribuição para o comitê de segurança do trabalho",
        (
            "Doze pessoas, lista em anexo. Só os membros devem poder enviar. Nome sugerido: comite.sst. Pode "
            "ficar para a próxima semana."
        ),
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "Chat messages appear twice on the phone and not at all on the laptop",
        (
            "1. Write something in a group of more than 50 people.\n"
            "2. Phone: the message stands there twice.\n"
            "3. Laptop: nothing, until I restart the application.\n"
            "Small groups and private chats are not affected."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Sala de videoconferência da diretoria sem som na véspera do conselho",
        (
            "A tela conecta e a câmera funciona, mas ninguém do outro lado nos ouve. O conselho se reúne "
            "amanhã às 14h. A sala Ipê, ao lado, está livre e pode servir de reserva."
        ),
        "MEDIUM",
        "HIGH",
        "pt",
    ),
    Problem(
        "Voicemail of the on-call number is full, callers are cut off",
        (
            "The mailbox holds 100 messages and nobody has the PIN since Dieter retired. Hospitals on the "
            "maintenance contract call this number at night. Until it is emptied we have someone sitting "
            "beside the phone."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Spam filter holds back the bank's daily notice",
        (
            "Every morning at 7 I release the same message by hand. The sender is on my own safe list, which "
            "seems to count for nothing."
        ),
        "LOW",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Como agendar uma reunião com participante externo?",
        (
            "Preciso convidar um cliente que não tem conta na nossa ferramenta de reunião. Ele consegue "
            "entrar pelo navegador?"
        ),
        "EASY",
        None,
        "pt",
    ),
    Problem(
        "Headset drops out of the softphone every few minutes",
        (
            "Model from the standard list, newest firmware, cable as well as wireless. The call goes on but "
            "the microphone is dead until I unplug and plug it in. Four people in inside sales have it; the "
            "other eleven, same model, do not."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Delegated calendar disappeared after the update",
        (
            "I keep the calendar of our head of production. Since the client was updated it is missing from "
            'my list; adding it again says "You already have access to this calendar" and shows nothing. In '
            "the browser it is there, which gets me through the day."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Telefone da recepção mostra a hora errada",
        ("Está três horas adiantado. As chamadas funcionam normalmente, só o registro de chamadas fica confuso."),
        "LOW",
        None,
        "pt",
    ),
    Problem(
        "Auto-reply storm between our helpdesk mailbox and a supplier's: 11,000 mails since midnight",
        (
            "Their system answers ours, ours answers theirs, and each answer opens a case. The queue is "
            "unusable and the disk of the mail server stands at 91 %. We've switched our auto-reply off for "
            "now, but the cases have to be removed and a limit put in before we dare to switch it on."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
)
