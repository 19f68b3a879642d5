"""Who and what is hit: services, people, money, security.

Weights are judgement, checked against labelled texts (docs/triage.md).
"""

from django.utils.translation import gettext_lazy as _

from triage.heuristic.vocabulary import Concept, concept

IMPACT: tuple[Concept, ...] = (
    concept(
        "outage",
        0.95,
        _("a service is down or cannot be reached"),
        """
        outage*, outages, THING down, =THING IS down, =THING IS .. offline, IS down, completely down
        THING parou|pararam|travou, unreachable, THING|page|pages|area .. unavailable, THING .. NOT available
        NOT reachable, =THING offline, went down, gone down, not IS reached, no internet, no network, no service
        no connection, fora do ar, caiu, cairam, indisponivel, indisponiveis, indisponibilidade, queda do|da|de
        sem internet|rede|sistema|acesso|conexao|email|sinal|energia, inacessivel, inoperante, apagao, no dial tone
        power cut|outage, lost connectivity, =IS not responding to anyone, IS offline, main|principal site down
        apagao total, network down, blackout, power failure, power loss, sem energia, falta de energia, sem luz
    """,
    ),
    concept(
        "everyone",
        0.75,
        _("many people are affected"),
        """
        everyone, everybody, =for everyone, ALL .. PEOPLE, all of us, whole|entire PLACE, nobody can, no one can
        nobody .. able, no one .. able, noone, nobody, company wide, companywide, organization wide, =ninguem
        no users can, no user can, no customers can, todo mundo, toda a|o PLACE, todo o|a PLACE, PLACE inteira|inteiro
        a PLACE toda, o PLACE todo, todos os, todas as, geral, thousands of, hundreds of, dozens of, milhares
        centenas, widespread, globally, worldwide, we all, across the PLACE, all PLACE, all .. affected, todos
        o time todo, nenhum|nenhuma PEOPLE, for all, every|each PLACE, all|toda PLACE
        complete|total|full|massive outage|blackout
        nenhum|nenhuma usuario|cliente|funcionario|colaborador|loja|filial|pessoa, most of the PEOPLE
        any|all .. in the PLACE, to any PEOPLE, qualquer PEOPLE, half of the PEOPLE, metade dos PEOPLE, toda matriz
        all|todos|todas THING, all the THING
    """,
    ),
    concept(
        "production",
        0.5,
        _("it concerns the live system"),
        """
        in|on production, =production IS, production server|system|database|environment|outage|down|site|cluster|db
        prod server|system|database|environment|outage|down|is|env, live site|system|environment, em producao
        server room, data center|centre, datacenter, sala de servidores, de producao, producao parada|parou|caiu, prod
        production
    """,
    ),
    concept(
        "work_stopped",
        0.8,
        _("people cannot work"),
        """
        NOT .. work at all, =can not work, not able to work, unable to work, NOT usable, unusable, inutilizavel
        work IS stopped, work stopped, stops .. working, production line, at a standstill, standstill, idle, halted
        nao consigo trabalhar, nao consegue* trabalhar, nao conseguimos trabalhar, impossibilitado* de trabalhar
        tudo parado, esta parado, estamos parados, estao parados, nada funciona, nothing works, completely broken
        totally broken, operacao parada, linha de producao, atendimento parado, expedicao parada, impede .. trabalho
        not able to do anything, business stopped, losing money|sales|customers|orders
        perdendo vendas|dinheiro|clientes, parado, parada, parados, paradas
    """,
    ),
    concept(
        "customers",
        0.35,
        _("customers notice it"),
        """
        customers .. complain*, customers .. calling, complaints, biggest|important|key customer|client
        clientes .. reclam*, clientes .. ligando, clientes .. desistindo, reclamacoes, maior cliente
        cliente importante, vip, social media, redes sociais, angry customers, customers are leaving
        customers can not, customers .. not able, customers unable, clientes nao conseguem, clients can not
        clientes .. nao conseguem, cliente nao consegue
    """,
    ),
    concept(
        "hazard",
        1.2,
        _("people or equipment are in danger"),
        """
        caught fire, on fire, smoke from|coming|in the, smells of|like smoke|burning|burnt, burning smell
        electric shock*, fire|temperature|smoke alarm, overheat*
        cooling|conditioning .. fail*|stopped|broken|down|not, water leak*, water .. server*
        flooded office|room|basement, server room .. hot|water|flooded, pegou fogo, pegando fogo, incendio, fumaca
        cheiro de queimado, choque eletrico, superaquec*, vazamento de agua, alagad*
        ar condicionado .. parou|quebrou|falhou
    """,
    ),
    concept(
        "health",
        0.35,
        _("somebody's health may depend on it"),
        """
        hospital, patient, patients, paciente, pacientes, surgery, ambulance*, cirurgia, hospitalar, clinica
    """,
    ),
    concept(
        "attack",
        1.4,
        _("a security incident"),
        """
        ransom*, breach*, exfiltrat*, hacked, hackers, compromised, data leak, leak* .. data, DATA .. leaked
        cryptolocker, invadido, invadida, invadiram, hackeado, hackeada, sequestro de dados, vazamento de, vazou
        vazaram, dados .. expostos, DATA .. exposed, expos* .. DATA, visible to anyone
        see .. of other customers|users, unauthorized access, unauthorised access, acesso nao autorizado
        arquivos criptografados, files .. encrypted, DATA of other PEOPLE, dados de outro*, attacker*, under attack
        being attacked, ddos, denial of service attack, sob ataque, ataque
    """,
    ),
    concept(
        "suspicion",
        0.8,
        _("it may be an attack on security"),
        """
        hacker*, intrusion, stolen, malware, trojan, virus, roubo, roubado, roubada, suspicious login*, clonad*
        acesso indevido, invasao, phishing, golpe, scam, suspicious mail|email|message|activity|access|file
        email suspeito, mensagem suspeita, acesso suspeito, furtado, furtada, password .. stolen|leaked
        strange login*|signin*, logins .. abroad, entered my password, senha vazada, spyware, keylogger
        lost laptop|phone|badge, see|sees each other*, visible to others|all|everybody|everyone, see .. of others
        see .. salaries, can see .. of other, view .. of other, dados .. de outros, salarios .. visiveis
        acesso .. de outro*, still has access, still have access, former employee*, ex funcionario
        ex employee .. access, ainda tem acesso, continua com acesso, demitid* .. acesso
        wrong person|people|recipient|recipients, pessoa errada, pessoas erradas, destinatario errado
        DATA|exames|laudos .. de outra|outro|outras|outros, in my|our name, em meu|nosso nome, fraud*, impersonat*
        unknown|unauthorised|unauthorized device*|person|user*, dispositivo* desconhecid*
        strange attachment*|link*|file*, left the company .. access, asked|asking|asks for my|our password*
        pedindo .. senha
    """,
    ),
    concept(
        "vulnerability",
        0.7,
        _("a security weakness"),
        """
        vulnerab*, cve, exploit*, security hole|holes|issue|bug|flaw|problem|risk|alert|vulnerability, xss
        cross site scripting, csrf, xsrf, injection, buffer overflow*, overflow*, privilege escalation
        escalation of privilege*, spoof*, arbitrary code, remote code
        password* .. plain|clear|log|logs|exposed|visible, passwd .. clear, insecure, leak* .. password*
        leak* .. credential*, bypass*, out of bounds, seguranca, vulnerabilidade, spoofing, senha* .. expost*
        certificate .. expired, certificado .. vencido|expirado|venceu|expirou, expired certificate
        sensitive data|information|file|files|document|documents, cleartext, clear text, em texto claro|puro|aberto
        publicly visible|readable|accessible, password* .. plain text, written .. plain text, stored .. plain text
        senha* .. texto, denial of service, certificate .. expires|expiring|expire, certificado .. vence|expira
        security fix|advisory|update|vulnerabilities|restriction, same origin, path|directory traversal
        uninitiali*ed memory|read, ssrf, xxe, rce, insecure temporary, symlink attack, information leak|disclosure
        sanitiz*, sanitis*, unauthenticated
    """,
    ),
    concept(
        "sign_in",
        0.5,
        _("people cannot sign in"),
        """
        NOT .. login, NOT .. authenticat*, login .. fail*, login .. broken, login .. not, login .. error
        authenticat* .. fail*, sso .. fail*, login .. unavailable, auth* .. fail*, locked out, NOT access
        NOT to access, NOT accessible, mfa .. fail*, mfa .. not, NOT .. logar, NOT .. entrar, NOT .. acessa*
        NOT .. autentic*, login .. nao, login .. erro, login .. falh*, sem login, kicked out, logged out
        single sign on, access denied, acesso negado, permission denied, login NOT, login .. times out, logins fail*
        nao loga, sign on .. fail*, nao .. faz login
    """,
    ),
    concept(
        "money",
        0.8,
        _("money or payments go wrong"),
        """
        MONEY .. NOT, NOT .. MONEY, MONEY .. declined, MONEY .. broken, MONEY .. wrong, MONEY .. missing
        MONEY .. down, charged twice, charg* .. twice, double charg*|bill*|bookings, cobranca|cobrancas dupla|duplas
        charged wrong, wrong|incorrect price*, MONEY .. stuck, wrong|incorrect MONEY, MONEY .. recusad*
        cobrad* .. duas vezes, cobrad* .. a mais, cobranca duplicada, cobranca indevida, cobrad* .. errad*
        MONEY .. errad*, MONEY .. incorret*, MONEY .. duplicad*, nao .. pagar, NOT .. pay, NOT .. pagamento*
        MONEY .. rejeitad*, MONEY .. parad*, MONEY .. travad*, MONEY .. rejected, NOT .. emitir|emite|emitem|emissao
        MONEY .. unavailable, NOT .. checkout, MONEY .. error*, MONEY .. erro*, MONEY .. late, MONEY .. atrasad*
        wrong|incorrect amount|amounts|total|totals|balance|balances, valor errado|incorreto
        valores errados|incorretos, saldo errado|incorreto, MONEY .. duplicidade, duplicate charge*, charged .. again
        MONEY .. offline, MONEY .. fora, customers .. pay, clientes .. pagar, NOT .. comprar, NOT .. compra
        NOT .. buy, NOT .. place orders|order, NOT to order
        order|pedido|pedidos .. NOT .. sent|processed|placed|enviad*|processad*, wrong|incorrect vat|tax|taxes
        wrong .. invoices|payments|salaries|prices, imposto* .. errad*
    """,
    ),
    concept(
        "urgent",
        0.7,
        _("the text says that it is urgent"),
        """
        blocker, blockers, showstopper, show stopper, urgent, urgently, asap, emergency, critical, critically, p0, p1
        sev0, sev1, sev 1, high priority, top priority, priority 1, immediate attention|action|help
        please .. immediately, deadline, critico, critica, urgente, urgentes, urgencia, emergencia, imediat*
        o quanto antes, prazo, blocking us, severe, severely, serious, grave, must fix, prioridade alta
        alta prioridade, hoje ainda, right now, agora mesmo
    """,
    ),
    concept(
        "no_workaround",
        0.6,
        _("there is no way around it"),
        """
        =no workaround*, =without workaround, =not .. workaround, =no other way, =no alternative, =sem alternativa
        =sem contorno, =nao ha alternativa, =sem solucao, =nao ha como contornar, =tried everything, ja tentei tudo
        =no backup, =sem backup
    """,
    ),
)
