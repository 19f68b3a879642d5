"""VPN, networks, servers, databases, backups and monitoring."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "VPN drops every 20 minutes for everyone working from home",
        (
            "About 80 people, on all providers. The client log at the moment of the drop:\n"
            "10:42:07 TLS: soft reset sec=1200\n"
            "10:42:37 TLS Error: TLS key negotiation failed to occur within 30 seconds\n"
            "10:42:37 SIGUSR1 received, process restarting\n"
            "Reconnecting works at once, but file transfers and remote desktops are lost each time."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "VPN connects, but no internal name resolves",
        (
            'By address everything can be reached, by name nothing. "nslookup intranet" asks my router at '
            "home instead of our servers. Only since I have a new router, I admit, but the old one worked "
            "without any setting."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Main database server out of disk space, all applications read-only",
        (
            'From the log: PANIC: could not write to file "pg_wal/xlogtemp.4471": No space left on device. '
            "ERP, web shop and warehouse all stand. The replica that was switched off last week still has "
            "its slot, which is probably what keeps the log from being removed."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "en",
    ),
    Problem(
        "Nightly backup of the ERP has failed four nights running and nobody was told",
        (
            'I noticed by chance: the job ends with exit code 0 although the last lines say "archive is '
            'incomplete, 2 of 9 volumes written". The last restore point that we could rely on is from '
            "Saturday. Please get a good backup today and make the monitor read the lines and not only the "
            "code."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Wi-Fi in the canteen unusable between 12 and 13",
        (
            "Signal is full, but pages take a minute. It is not only about lunch: two teams moved their "
            "daily meeting there while their floor is being painted."
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Wi-Fi do galpão 2 cai quando a ponte rolante passa",
        (
            "Toda vez que a ponte passa sobre o corredor C os coletores perdem a conexão por uns 30 "
            "segundos. O ponto de acesso foi trocado de lugar na reforma, talvez esteja encoberto."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Please open port 8883 from the sensor network to broker.example.com",
        (
            "For the trial with the temperature sensors, one direction only, until the end of the trial in "
            "eight weeks. The security review is attached, and approved with the remark that TLS is "
            "mandatory."
        ),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        "Certificate of the supplier portal expires on Thursday",
        (
            'The automatic renewal has been failing for 20 days with "urn:acme:error:unauthorized, incorrect '
            'TXT record". 340 suppliers upload delivery notes there, and most of their machines check '
            "strictly. The DNS zone moved to the new provider in between, with the old API key still in the "
            "renewal job."
        ),
        "HIGH",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Whole site Northgate offline, both lines",
        (
            "No internet, no telephone, no connection to the data centre since 09:20. The excavator behind "
            "the building may have something to do with it. 130 people, of whom the production planning "
            "cannot work on paper for longer than two hours."
        ),
        "VERY_HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Monitoring sends 400 mails about a switch that was scrapped",
        (
            'sw-hall-a-07 was dismantled on Friday. Since then: "host unreachable", "host unreachable '
            '(reminder 2)", and so on, through the night. We are beginning to overlook the real ones.'
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        'Rename server "test2-new-final" in the inventory',
        (
            "It is neither new nor final. Its description says it's the staging machine of the web shop, so "
            "shop-staging-1 would follow our own naming rules."
        ),
        "EASY",
        None,
        "en",
    ),
    Problem(
        "Servidor de arquivos extremamente lento para todas as filiais",
        (
            "Abrir uma planilha de 200 KB leva mais de dois minutos. Na matriz está normal. Testes de ping "
            "entre as filiais e a matriz mostram perda de 18% dos pacotes desde domingo à noite; a operadora "
            "abriu o protocolo 55-8812 mas não deu prazo."
        ),
        "HIGH",
        None,
        "pt",
    ),
    Problem(
        "Query of the stock overview takes 90 seconds since the upgrade",
        (
            "It was two seconds on the old version. The plan now has a sequential scan over movements (41 "
            "million rows) where it used an index. Running ANALYZE helped for a day. We open the page "
            "perhaps twenty times a day."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Restore one file from last Wednesday",
        (
            "\\\\files\\projects\\bridge\\calc_v7.xlsx was overwritten with an empty one. Any version "
            "between Wednesday noon and Thursday morning will do. I can rebuild it in half a day, so only if "
            "it is easy."
        ),
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Restore test failed: the backups of the document archive cannot be decrypted",
        (
            'During the yearly exercise every volume since the key rotation ends with "bad decrypt: HMAC '
            'verification failed". Older ones are readable. Production is not touched, but as of today we '
            "have no usable backup of 2.1 million contracts and delivery notes."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Jump host refuses keys of type RSA",
        (
            'Sign and key exchange look fine, then: "userauth_pubkey: key type ssh-rsa not in '
            'PubkeyAcceptedAlgorithms". If that was on purpose, tell us which type to use; the four of us '
            "can go over the console until then."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        "Virtualização fora do ar: perdemos 23 servidores após a queda de energia",
        (
            'O nobreak não segurou e o storage não sobe ("controller A: degraded, controller B: offline"). '
            "ERP, intranet, ponto eletrônico e telefonia estão parados em todas as unidades. O fornecedor "
            "foi acionado, prazo de quatro horas."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "pt",
    ),
    Problem(
        "Clock of the time-recording terminals is 7 minutes slow",
        (
            "All six at gate 1. People who are on time are booked as late and come to HR with their phones "
            "in hand. HR corrects by hand for now, about forty bookings a day."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Proxy blocks the download of standards from the institute's site",
        (
            'Category "file sharing", says the block page. The address is '
            "https://standards.example.com/shop/download. Two engineers need it about once a week; one of "
            "them fetched today's document at home."
        ),
        "LOW",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Replication to the second data centre is 9 hours behind and falling further back",
        (
            "application_name | state     | replay_lag\n"
            "standby-b        | streaming | 09:12:44\n"
            "\n"
            "It rises by about ten minutes an hour. Should the first site fail now we would lose a whole day "
            "of orders, while the emergency plan promises 15 minutes. Production itself is fine."
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Filial de Joinville sem acesso à intranet, internet normal",
        (
            "O túnel aparece como ativo nos dois lados, mas não passa tráfego. Os colegas usam a VPN "
            "individual como alternativa, só que não há licenças para todos os 22."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Load balancer keeps sending a third of the traffic to a node that answers 502",
        (
            "The health check asks /status, which that node serves happily while its application pool is "
            "dead. Customers see every third click fail. If we take the node out by hand the remaining two "
            "run at 95 % CPU, so please look at it before the evening peak."
        ),
        "HIGH",
        None,
        "en",
    ),
    Problem(
        (
            "Liberar acesso remoto ao servidor de homologação para o fornecedor do módulo fiscal, por dez "
            "dias, com gravação da sessão e acompanhamento do Bruno"
        ),
        "Somente em horário comercial. O termo já foi assinado e está no processo 118.",
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "DHCP pool of the meeting floor is exhausted on Tuesdays",
        (
            "On the day of the sales meeting the last thirty or so visitors get an address that begins with "
            "169.254. A bigger pool or a shorter lease time would do."
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Power supply of core switch 1 smokes, switch 2 has taken over, server room evacuated",
        (
            "The fire brigade is on its way. Everything runs over the second switch without redundancy; the "
            "air conditioning was cut by the alarm and the room is at 31 degrees and rising. We need a "
            "decision now which systems are shut down, and in which order."
        ),
        "VERY_HIGH",
        "VERY_HIGH",
        "en",
    ),
    Problem(
        "Job de backup do banco financeiro terminou com arquivo corrompido",
        (
            'O pg_restore de conferência acusa "could not read from input file: end of file". As cópias de '
            "terça, quarta e quinta têm o mesmo problema e a retenção apaga a última boa amanhã às 3h."
        ),
        "HIGH",
        "HIGH",
        "pt",
    ),
    Problem(
        "Scheduled jobs ran twice in the night of the time change",
        (
            "At 02:30, and an hour later at 02:30 again. Consequences so far: two price lists sent to "
            "resellers, and 140 reminder letters printed in duplicate and caught before posting. We would "
            "like the scheduler to run in UTC, or to know why not."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Link de internet da central de atendimento oscilando",
        (
            "A cada dez ou quinze minutos a conexão some por um minuto. As chamadas são por voz sobre IP, "
            "então caem todas ao mesmo tempo: hoje foram 64 clientes desligados no meio da conversa. O "
            'roteador mostra "LCP timeout sending config-requests".'
        ),
        "HIGH",
        "MEDIUM",
        "pt",
    ),
)
