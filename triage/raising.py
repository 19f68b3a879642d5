"""What raises the severity of a ticket. Weights are judgement, checked against labelled texts (docs/triage.md)."""

from django.utils.translation import gettext_lazy as _

from triage.vocabulary import Concept, concept

RAISING: tuple[Concept, ...] = (
    concept(
        "outage",
        0.95,
        _("a service is down or cannot be reached"),
        """
        outage*, outages, THING down, =THING IS down, =THING IS .. offline, IS down, completely down
        unreachable, unavailable, NOT available, NOT reachable, =THING offline, went down, gone down
        not IS reached, no internet, no network, no service, no connection, fora do ar, caiu, cairam
        indisponivel, indisponiveis, indisponibilidade, queda do|da|de
        sem internet|rede|sistema|acesso|conexao|email|sinal|energia, inacessivel, inoperante, apagao
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
        no users can, no user can, no customers can, todo mundo, toda a|o PLACE, PLACE inteira|inteiro
        a PLACE toda, o PLACE todo, todos os, todas as, geral, thousands of, hundreds of, dozens of, milhares
        centenas, widespread, globally, worldwide, we all, across the PLACE, all PLACE, all .. affected, todos
        o time todo, nenhum|nenhuma PEOPLE, for all, every|each PLACE, all|toda PLACE
        complete|total|full|massive outage|blackout
        nenhum|nenhuma usuario|cliente|funcionario|colaborador|loja|filial|pessoa, most of the PEOPLE
        half of the PEOPLE, metade dos PEOPLE, toda matriz, all|todos|todas THING, all the THING
    """,
    ),
    concept(
        "production",
        0.5,
        _("it concerns the live system"),
        """
        in|on production, =production IS
        production server|system|database|environment|outage|down|site|cluster|db
        prod server|system|database|environment|outage|down|is|env, live site|system|environment, em producao
        de producao, producao parada|parou|caiu, prod, production
    """,
    ),
    concept(
        "work_stopped",
        0.8,
        _("people cannot work"),
        """
        NOT .. work at all, =can not work, not able to work, unable to work, NOT usable, unusable, inutilizavel
        work IS stopped, work stopped, stops .. working, production line, at a standstill, standstill, idle
        halted, nao consigo trabalhar, nao consegue* trabalhar, nao conseguimos trabalhar
        impossibilitado* de trabalhar, tudo parado, esta parado, estamos parados, estao parados, nada funciona
        nothing works, completely broken, totally broken, operacao parada, linha de producao, atendimento parado
        expedicao parada, impede .. trabalho, not able to do anything, business stopped
        losing money|sales|customers|orders, perdendo vendas|dinheiro|clientes, parado, parada, parados, paradas
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
        "crash",
        0.8,
        _("something crashes"),
        """
        crash*, segfault*, segmentation fault, segv, sigsegv, sigabrt, core dump*, coredump*, dumps core
        topcrash, access violation, bus error, blue screen*, bluescreen*, bsod, tela azul, stack overflow
        stackoverflow*, kernel panic, panic*, abort, aborts, aborted, use after free, double free
        heap corruption, gpf, dies, internal compiler error, ice on, fecha sozinho, fechando sozinho
        fecha sozinha, encerra sozinho, reinicia sozinho, restarts by itself, jvm exit*, unexpectedly quits
        quits unexpectedly, killed, fatal error|exception, erro fatal, asan, heap buffer overflow
        heap use after free, widget is disposed, exits unexpectedly, exited with, exit code 139
        exits without|silently, closes itself, shuts itself down
    """,
    ),
    concept(
        "hang",
        0.7,
        _("something hangs or never ends"),
        """
        hang, hangs, hanging, hung, freez*, frozen, deadlock*, dead lock*, livelock*, infinite loop*
        endless loop*, infinite recursion, infinitely, unresponsive, NOT respond*, stuck
        never ends|finishes|returns|completes|stops, NOT .. terminate*, locks up, lockup, lock up
        block* forever, blocks indefinitely, wait* forever, hangup, indefinitely, spins, looping, congel*
        travou, trava, travando, travado, travada, travam, loop infinito, nao responde, nao respondem, beachball
        starvation
    """,
    ),
    concept(
        "data_loss",
        0.9,
        _("data is lost or destroyed"),
        """
        data loss, dataloss, loss of data, DATA loss, los* .. DATA, los* all|my|our|changes, DATA .. lost
        DATA .. deleted, DATA .. disappear*, DATA .. vanish*, DATA .. gone, DATA .. wiped, DATA .. erased
        DATA .. overwritten, delet* all, deletes .. DATA, accidentally delet*, wipe*, eras* .. DATA, destroys
        overwrit* .. DATA, missing data|records|rows|files|messages|emails, not recoverable, unrecoverable
        irrecoverabl*, perda de, perdi, perdemos, perdeu, perderam, perdid*, apagou, apagados, apagadas, apagado
        apagada, backup .. fail*, backup .. falh*, fail* .. backup, restore .. fail*, excluid* por engano, lost
        DATA .. desaparec*, DATA .. sumiu|sumiram, sumiu|sumiram .. DATA, everything .. disappeared|gone
        emptied, deleted .. by mistake|accident|accidentally, apaguei, exclui, foram apagados, foram excluidos
        DATA .. excluid*
    """,
    ),
    concept(
        "corruption",
        0.65,
        _("data is wrong or damaged"),
        """
        corrupt*, data integrity, inconsistent state|data, silently .. wrong, silently drop*, bad data, garbage
        duplicate records|rows|orders|payments|messages, duplicat* .. records|orders|payments, inconsistency
        dados errados|incorretos|inconsistentes|trocados, corrompid*, duplicado* .. pedidos, wrong code
        miscompil*, wrong customer|customers, rejects valid, data mismatch, lose precision, truncates data
        wrong value|values returned|written, wrong|incorrect result|results|data|answer|answers|query
        resultado errado|incorreto, file .. truncated, truncates .. file|files|data, zero bytes
        empty file|files, dados .. trocados|errados|incorretos|misturados, swapped, mixed up
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
        arquivos criptografados, files .. encrypted, DATA of other PEOPLE, dados de outro*, attacker*
        under attack, being attacked, ddos, denial of service attack, sob ataque, ataque
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
        lost laptop|phone|badge, see|sees each other*, visible to others|all|everybody|everyone
        see .. of others, see .. salaries, can see .. of other, view .. of other, dados .. de outros
        salarios .. visiveis, acesso .. de outro*, still has access, still have access, former employee*
        ex funcionario, ex employee .. access, ainda tem acesso
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
        certificate .. expired, certificado .. vencido|expirado|venceu|expirou, expired certificate, sensitive
        cleartext, clear text, em texto claro|puro|aberto, publicly visible|readable|accessible
        password* .. plain text, written .. plain text, stored .. plain text, senha* .. texto, denial of service
        certificate .. expires|expiring|expire, certificado .. vence|expira
    """,
    ),
    concept(
        "no_start",
        0.8,
        _("it cannot be started, installed or updated"),
        """
        NOT .. start, NOT .. starting, NOT .. starts, NOT .. started, NOT .. launch, NOT .. boot, NOT .. startup
        NOT .. initiali*, NOT .. deploy, NOT .. install, NOT .. installed, NOT .. upgrade, NOT .. come up
        NOT .. turn on, start* .. fail|fails|failed|failing, startup .. fail*, startup .. error, boot .. fail*
        install* .. fail*, upgrade .. fail*, deploy* .. fail*, launch .. fail*, start* .. impossible
        bootstrap .. fail*, NOT .. power on, NOT .. liga, NOT .. ligar, NOT .. inicia, NOT .. iniciar
        NOT .. sobe, NOT .. inicializa*, on startup, at startup, during startup, at launch, on launch
        update .. fail*, fail|fails|failed to update, NOT update
    """,
    ),
    concept(
        "build",
        0.6,
        _("a build or release is broken"),
        """
        build .. fail*, build .. broken, build .. break*, build error*, broken build, break* .. build
        NOT .. compile*, NOT .. build, compil* .. fail*, compil* error*, compile error*, bustage, busted
        burning, NOT .. link, linker error*, link error*, undefined reference, missing dependency|dependencies
        license, deploy .. broken, licence, unresolved symbol*, does not compile, tinderbox, red tree, respin
        trees closed, build fails
    """,
    ),
    concept(
        "sign_in",
        0.5,
        _("people cannot sign in"),
        """
        NOT .. login, NOT .. authenticat*, login .. fail*, login .. broken, login .. not, login .. error
        authenticat* .. fail*, sso .. fail*, login .. unavailable, auth* .. fail*, locked out, NOT .. access*
        mfa .. fail*, mfa .. not, NOT .. logar, NOT .. entrar, NOT .. acessa*, NOT .. autentic*, login .. nao
        login .. erro, login .. falh*, sem login, kicked out, logged out, single sign on, access denied
        acesso negado, permission denied, login NOT, login .. times out, logins fail*, nao loga
        sign on .. fail*, nao .. faz login
    """,
    ),
    concept(
        "money",
        0.8,
        _("money or payments go wrong"),
        """
        MONEY .. NOT, NOT .. MONEY, MONEY .. declined, MONEY .. broken, MONEY .. wrong, MONEY .. missing
        MONEY .. down, charged twice, charg* .. twice, double charg*, charged wrong, wrong|incorrect price*
        MONEY .. stuck, wrong|incorrect MONEY, MONEY .. recusad*, cobrad* .. duas vezes, cobrad* .. a mais
        cobranca duplicada, cobranca indevida, cobrad* .. errad*, MONEY .. errad*, MONEY .. incorret*
        MONEY .. duplicad*, nao .. pagar, NOT .. pay, NOT .. pagamento*, MONEY .. rejeitad*, MONEY .. parad*
        MONEY .. travad*, MONEY .. rejected, NOT .. emit*, MONEY .. unavailable, NOT .. checkout
        MONEY .. error*, MONEY .. erro*, MONEY .. late, MONEY .. atrasad*
        wrong|incorrect amount|amounts|total|totals|balance|balances, valor errado|incorreto
        valores errados|incorretos, saldo errado|incorreto, MONEY .. duplicidade, duplicate charge*
        charged .. again, MONEY .. offline, MONEY .. fora, customers .. pay, clientes .. pagar, NOT .. comprar
        NOT .. compra, NOT .. buy, NOT .. place orders, NOT .. order
    """,
    ),
    concept(
        "core_function",
        0.22,
        _("something people rely on cannot be done"),
        """
        NOT .. save, NOT .. saved, NOT .. saving, NOT .. open, NOT .. opened, NOT .. opens, NOT .. load
        NOT .. loads, NOT .. print, NOT .. send, NOT .. sent, NOT .. sending, NOT .. receive, NOT .. receiving
        NOT .. upload*, NOT .. download*, NOT .. connect*, NOT .. read, NOT .. write, NOT .. delete
        NOT .. delivered, NOT .. submit*, NOT .. play, NOT .. sync*, NOT .. restore, NOT .. recover
        NOT .. access, save .. fail*, connection .. fail*, connect* .. refused, disconnect*, NOT .. salva*
        NOT .. imprim*, NOT .. envia*, NOT .. receb*, NOT .. carrega*, NOT .. conecta*, NOT .. baixa*
        NOT .. gera*, NOT .. sincroniz*, upload .. fail*, print* .. fail*, sync .. fail*, refused
        blank page|screen|window, white screen, empty page, black screen, tela branca, tela preta
        pagina em branco, account .. locked|blocked|disabled, conta .. bloqueada, usuario .. bloqueado
        bloquead*, NOT .. abre, NOT .. abrir, bounce, bounces, bounced, bouncing, devolvidos, nao chegam
        nao chega, nao estao chegando, NOT .. registra*, NOT .. grava*, NOT .. atualiza*, NOT .. aparece*
        NOT .. show, NOT .. shown, NOT .. appear*, NOT .. ring, mudo, muda
    """,
    ),
    concept(
        "broken",
        0.22,
        _("something does not work"),
        """
        not work*, IS broken, broken, does nothing, no effect, stopp* working, NOT work, doesnt work
        nao funciona, nao funcionam, nao esta funcionando, deixou de funcionar, quebrou, quebrado, quebrada
        com defeito, malfunction*, not functional, not function*, breaks, NOT .. properly, NOT .. correctly
        parou de funcionar, parou de responder, pararam de funcionar, NOT .. funciona*
    """,
    ),
    concept(
        "regression",
        0.4,
        _("it worked before"),
        """
        regression*, regress*, no longer, used to work, worked before|yesterday|fine
        since .. update|upgrade|yesterday, after .. update|upgrade|upgrading|updating|migration|reboot|patch
        broke, broken by, broken since, desde .. atualizacao, apos .. atualizacao, depois .. atualizacao
        depois da|do .. update, does not work anymore, not work any more, desde ontem, antes funcionava
        funcionava ate, funcionava ontem, disappear*, vanish*, desaparec*, sumiu, sumiram, sumindo
    """,
    ),
    concept(
        "memory",
        0.6,
        _("memory or another resource runs out"),
        """
        memory leak*, leak, leaks, leaking, leaked, outofmemory*, out of memory, oom, memory exhaust*
        too much memory, disk full, disk space, no space, out of disk, out of space, resource leak*
        thread exhaustion, handle leak, leak* .. memory, high memory, memory usage, memory consumption
        excessive memory, exhaust*, 100 cpu, high cpu, cpu usage, vazamento de memoria, disco cheio, sem espaco
        memoria cheia, estouro de memoria, too many open, disk .. full, disco .. cheio, storage .. full
        mailbox .. full, caixa .. cheia
    """,
    ),
    concept(
        "slow",
        0.2,
        _("it is slow"),
        """
        slow, slowly, slowness, times out, timing out, timed out, timeouts, takes .. minutes|hours|forever|long
        slower, lento, lenta, lentos, lentidao, demora*, degrad*, delay*, atras*
    """,
    ),
    concept(
        "very_slow",
        0.35,
        _("it is so slow that it hinders work"),
        """
        very slow, extremely slow, too slow, unacceptabl*, painfully, terribly slow, takes .. hours|forever
        lentidao extrema, extremamente lento|lenta, performance regression
    """,
    ),
    concept(
        "exception",
        0.28,
        _("an unexpected error stops it"),
        """
        npe, nullpointer*, null pointer, assert, assertion*, uncaught, unhandled, arrayindexoutofbounds*
        indexoutofbounds*, classcastexception, concurrentmodification*, illegalstateexception
        stringindexoutofbounds*, noclassdeffounderror, classnotfound*, nosuchmethod*, internal error, error 500
        internal server error, http 500, traceback, erro interno, erro 500, fatal, unexpected error|exception
        503, returns|gives|answers .. 500|502|503|504
    """,
    ),
    concept(
        "urgent",
        0.7,
        _("the text says that it is urgent"),
        """
        blocker, blockers, showstopper, show stopper, urgent, urgently, asap, emergency, critical, critically
        p0, p1, sev0, sev1, sev 1, high priority, top priority, priority 1, immediately, deadline, critico
        critica, urgente, urgentes, urgencia, emergencia, imediat*, o quanto antes, prazo, blocking us, severe
        severely, serious, grave, must fix, prioridade alta, alta prioridade, hoje ainda, right now, agora mesmo
    """,
    ),
    concept(
        "race",
        0.4,
        _("it goes wrong under load or when several act at once"),
        """
        race condition*, race, races, thread safe, threadsafe, thread safety, concurrently, concurrency
        condicao de corrida, multithread*
    """,
    ),
    concept(
        "load",
        0.2,
        _("it goes wrong with much data or many requests"),
        """
        large, huge, under load, under heavy, sob carga, big files|tables
        many files|rows|records|requests|threads
    """,
    ),
    concept(
        "no_workaround",
        0.6,
        _("there is no way around it"),
        """
        =no workaround*, =without workaround, =not .. workaround, =no other way, =no alternative
        =sem alternativa, =sem contorno, =nao ha alternativa, =sem solucao, =nao ha como contornar
        =tried everything, ja tentei tudo, =no backup, =sem backup
    """,
    ),
)
