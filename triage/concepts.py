"""What a ticket's words can mean, and by how much each meaning raises or lowers its severity.

Each concept is one thing that a person would name as a reason. Its weight is in levels: +1.0 moves a ticket one
level up from MEDIUM. Weights are judgement, checked against labelled public texts (docs/triage.md has the figures).

Phrases are written in lower case without accents, English and Brazilian Portuguese side by side:

- words follow each other, `..` stands for up to three words in between (never across punctuation);
- `a|b` is either word, `stem*` any word that begins so;
- a name in capitals is a set of words from `SETS`;
- a phrase that begins with `=` states a fact by itself and is not undone by a "no" or "not" before it.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SETS: dict[str, str] = {
    "NOT": (
        "not|unable|fail|fails|failed|failing|failure|impossible|never|error|errors|refuses"
        "|nobody|noone|nao|impossivel|falha|falhou|falham|falhando|erro|incapaz|ninguem|nenhum|nenhuma"
    ),
    "ALL": "all|every|multiple|many|several|most|todos|todas|varios|varias|muitos|diversos",
    "PEOPLE": (
        "users|user|customers|customer|clients|people|employees|staff|colleagues|sites|branches|stores|offices|teams"
        "|departments|agents|services|systems|usuarios|clientes|funcionarios|colegas|pessoas|lojas|filiais|setores"
        "|servicos|sistemas|equipes|computadores"
    ),
    "PLACE": (
        "company|organisation|organization|office|department|team|floor|site|building|branch|store|warehouse|plant"
        "|factory|firm|business|world|headquarters|hq|region|matriz|sede|unidade|empresa|escritorio|departamento|equipe|setor|loja|filial|predio|andar|fabrica"
    ),
    "THING": (
        "site|website|server|servers|service|services|system|systems|app|application|network|internet|database|db"
        "|email|mail|vpn|portal|platform|api|erp|crm|intranet|production|prod|cluster|wifi|phones|telephony|link"
        "|checkout|shop|store|gateway|exchange|sap|dns|shared|drive|loja|sistema|servidor|servidores|rede|servico"
        "|banco|aplicativo|aplicacao|plataforma|producao|telefonia|telefone|correio|pix"
    ),
    "DATA": (
        "data|files|file|records|record|documents|document|messages|emails|mails|mail|orders|tickets|changes|work"
        "|settings|bookmarks|attachments|folder|folders|contents|content|history|photos|profile|rows|entries"
        "|dados|arquivos|arquivo|registros|documentos|mensagens|pedidos|alteracoes|pasta|pastas|planilha|fotos"
    ),
    "MONEY": (
        "payment|payments|checkout|card|cards|purchase|purchases|billing|invoice|invoices|refund|refunds|payroll"
        "|salary|salaries|transaction|transactions|orders|pos|paypal|pagamento|pagamentos|cobranca|cartao|cartoes"
        "|boleto|boletos|pix|fatura|faturas|nota|notas|folha|salario|salarios|compra|compras|reembolso|caixa"
    ),
    "MINE": "my|mine|meu|minha",
    # What undoes a phrase that follows, and words that it does not reach across ("not sent after a crash").
    "DENIAL": "no|not|never|without|nothing|non|neither|nor|nao|sem|nunca|nem|nenhum|nenhuma|jamais",
    "HALT": (
        "after|when|while|on|due|because|during|since|and|but|if|as|causing|causes|cause|with|until|only|just"
        "|apos|quando|enquanto|porque|durante|desde|mas|se|por|causa|com|ate|apenas|so"
    ),
    "IS": "is|are|was|were|be|been|being|esta|estao|fica|ficou|foi|e|sao|went|goes|go|keeps|gets",
}


@dataclass(frozen=True, slots=True)
class Concept:
    """One meaning: `key` for programs, `reason` for people, `weight` in levels, the phrases that show it."""

    key: str
    weight: float
    reason: Promise | str
    phrases: tuple[str, ...]


def concept(key: str, weight: float, reason: Promise | str, phrases: str) -> Concept:
    """A concept from its phrases, written one to a line or separated by commas."""
    lines = (phrase.strip() for phrase in phrases.replace("\n", ",").split(","))
    return Concept(key, weight, reason, tuple(line for line in lines if line))


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
        apagao total, network down, blackout
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
        half of the PEOPLE, metade dos PEOPLE, toda matriz
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
        emptied
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
        salarios .. visiveis, acesso .. de outro*
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
        charged .. again, MONEY .. offline, MONEY .. fora, customers .. pay, clientes .. pagar
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
        nao chega, nao estao chegando
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
        memoria cheia, estouro de memoria, too many open
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

LOWERING: tuple[Concept, ...] = (
    concept(
        "typo",
        -1.6,
        _("a spelling mistake"),
        """
        typo, typos, misspel*, mispel*, spelling, spelled, spelt, grammar, grammatical, misprint
        erro de digitacao, ortograf*, erro de portugues, gramatical, acentuacao, digitado errado, escrito errado
        escrita errada, spell
    """,
    ),
    concept(
        "cosmetic",
        -0.85,
        _("only how something looks"),
        """
        cosmetic*, align*, misalign*, alignment, unaligned, pixel*, color, colors, colour*, font, fonts, icon
        icons, tooltip*, tool tip*, padding, margin, margins, wording, reword*, capital*, uppercase, lowercase
        plural, singular, indentation, indent, whitespace, white space, ugly, polish
        looks ugly|bad|odd|strange|weird|different, label, caption, captions, mnemonic*, ellipsis, spacing, logo
        off by one pixel, blurry, button text, punctuation, apostrophe, dark mode, modo escuro, readab*, eyesore
        desalinhad*, icone, icones, cor, cores, alinhamento, rotulo, estetic*, letra, letras, feio, feia, rodape
        grey, gray, nicer, title bar, trailing space|spaces, nls, externaliz*, accelerator*, tab order, cut off
        cheese, artifact*, missing period|space, extra space|spaces|blank
    """,
    ),
    concept(
        "appearance",
        -0.3,
        _("it is about the display"),
        """
        layout, style, styles, styling, css, visual*, labels, border, borders, flicker*, overlap*, theme
        appearance, truncat*, footer, banner, cabecalho, wrapped, visual, sobrepost*, scrollbar*, scroll bar*
        resize*, resizing, window size, dialog size, toolbar*, highlight*, shortcut*, column width, too wide
        too narrow, redraw*, repaint*, look and feel, looks wrong
        wrong order|position|title|cursor|size|background, too small|big|tall
    """,
    ),
    concept(
        "docs",
        -0.6,
        _("documentation"),
        """
        javadoc*, doc, docs, documentation, document, documented, documenting, undocumented, readme, tutorial*
        example, examples, sample, samples, manual, faq, wiki, help text, user guide, guide, copyright
        website text, documentacao, tutorial, ajuda online, comments, comment, broken link, dead link
        link quebrado, building txt, release notes, changelog, man page, wording of, link .. broken|dead
        wrong link
    """,
    ),
    concept(
        "message",
        -0.4,
        _("the wording of a message or log"),
        """
        log message*, logging, log level, logs, warning, warnings, warn, message text, exception message
        misleading, unclear, mensagem de erro confusa, mensagem confusa, confuso, confusa, verbose, noisy
        unhelpful, not helpful, unfriendly, diagnostic*, print out, tostring, tooltip text, status message
        dialog message, description text, error message .. wrong|misleading|unclear|text|typo
        improve .. message*, better .. message*, should log
        log the|a|an|if|more|at|to|warn|when|errors|exceptions, to log
        log an|file|output|entry|entries|statement|statements, logger
    """,
    ),
    concept(
        "cleanup",
        -0.8,
        _("tidying up, with no effect on people"),
        """
        cleanup, cleanups, clean up, cleaning up, unused, dead code, simplif*, redundant, unneeded, useless
        superfluous, obsolete, outdated, coding style, tidy, duplicate code, boilerplate, moderniz*, code style
        get rid, nit, consolidate, reorgani*, limpeza, limpar codigo, unnecessarily, needlessly, stale
        leftover*, convention*, todo, checkstyle, pmd, lint
    """,
    ),
    concept(
        "rework",
        -0.3,
        _("a change within, with no fault to be seen"),
        """
        refactor*, rename*, renaming, unnecessary, deprecat*, findbugs, hardcod*, hard coded, instead of
        generics, annotation, annotations, refator*, renomear, rewrite, convert, migrate, replace, hide, private
        public method*, naming, misnamed, compiler warning*, inconsisten* .. naming|names|name
    """,
    ),
    concept(
        "wish",
        -0.8,
        _("a wish"),
        """
        would be nice|great|good|useful|helpful|cool|handy|better, nice to have, feature request*, enhancement*
        rfe, wishlist, wish, please add|support|allow|consider, suggestion, suggest, it would be, could you add
        could we have, idea, i would like, we would like
        seria bom|legal|otimo|interessante|util|possivel|bacana, sugestao, gostaria, gostariamos, melhoria
        poderia*, ideia, proposal, more convenient, pedido de melhoria, prefer
    """,
    ),
    concept(
        "improvement",
        -0.2,
        _("an improvement rather than a fault"),
        """
        improve*, improving, improvement*, allow, add .. option, should be able, option to, better, enhance
        easier, configurable, customiz*, customis*, let, consider, want, wants, possibility to, option for
        permitir, incluir, adicionar, melhorar, add .. field|button|column|filter|page|link|checkbox
    """,
    ),
    concept(
        "question",
        -1.1,
        _("a question"),
        """
        how to, how do, how can, how should, how does, what is the, where can, where do, where is the
        which .. should, is it possible, is there a way, question, can i, can we, can you explain, when will
        who can, wondering, como faco, como fazer, como posso, como eu, como faz, qual e, qual o, qual a
        onde fica, onde encontro, duvida, e possivel, tem como, pergunta, quando sera, como configur*
        como altero, como mudar, como usar, onde esta, what time, who is, quais, posso, qual
        what is the .. hours|number|address|extension, what are the .. hours, what are your, whats the
    """,
    ),
    concept(
        "request",
        -0.6,
        _("an ordinary request"),
        """
        request for, requesting, i need a, we need a, please install, please create, please provide
        new laptop|monitor|keyboard|mouse|phone|chair|headset, need access to, access to .. folder, new employee
        new starter, new hire, onboarding, order a, solicito, solicitacao, solicitar, preciso de, preciso do
        precisamos de, reset my password, password reset, reset .. password, forgot .. password
        forgotten password, esqueci .. senha, redefinir .. senha, trocar .. senha, change my password
        novo monitor|notebook|teclado|mouse|funcionario|colaborador|computador|headset, novo usuario
        liberar acesso, liberacao de, instalar o, instalacao do|de, criar usuario, toner, replace .. battery
        newsletter, mailing list, lista de distribuicao, change my, update my, mudar meu, alterar meu, troca de
        phone number, signature, assinatura, please add .. to, add our|the .. to the, out of toner
        cadastro de|do, cadastrar
    """,
    ),
    concept(
        "tests",
        -0.15,
        _("only tests are concerned"),
        """
        test, tests, testcase*, junit, unit test*, test case*, test suite*, flaky, test failure, test coverage
    """,
    ),
    concept(
        "workaround",
        -0.7,
        _("there is a way around it"),
        """
        workaround*, work around, works after, work if, works if, works when
        works in|on|with .. other|another|chrome|firefox|edge, reload helps, restart helps, restarting helps
        refresh* helps, fixes it, can still, still works, still work, contorno, da para contornar
        funciona .. outro, funciona quando, funciona se, reiniciar resolve, mas consigo, volta ao normal
        using another, use another, usando outro, temporary fix, solucao paliativa, conseguimos contornar
        por enquanto uso
    """,
    ),
    concept(
        "one_person",
        -0.5,
        _("one person is affected"),
        """
        one user, one person, single user, one customer, one of our users, only me, just me, only for me
        only on my, MINE computer, MINE laptop, MINE pc, MINE monitor, MINE screen, MINE headset, MINE printer
        MINE phone, MINE machine, MINE notebook, MINE teclado, MINE computador, MINE celular, MINE tela
        MINE impressora, so comigo, somente comigo, apenas comigo, um usuario, uma usuaria, um cliente
        uma pessoa, so eu, apenas eu, apenas um, apenas uma, so um, so uma, only one, a colleague, um colega
        a user, one machine, um computador, one pc, others IS fine, everyone else, os outros .. normal*
        works for others, resto .. normal, isolated, um unico, uma unica, my account, minha conta, meu usuario
        MINE mouse, MINE keyboard
        mouse|keyboard|headset|webcam|teclado|fone .. broken|stopped|quebrado|quebrou|not|sem|dead|parou
    """,
    ),
    concept(
        "first_person",
        -0.3,
        _("somebody writes for themselves"),
        """
        i, my, me, eu, meu, minha, meus, minhas, consigo
    """,
    ),
    concept(
        "sometimes",
        -0.25,
        _("it happens only now and then"),
        """
        sometimes, intermittent*, occasional*, sporadic*, rarely, rare, once in a while, from time to time
        random*, as vezes, de vez em quando, raramente, intermitente, esporadic*, ocasional*, corner case*
        edge case*, potential*, partial*, flaky
    """,
    ),
    concept(
        "minor",
        -0.7,
        _("the text says that it is small"),
        """
        minor, trivial, tiny, slight, slightly, small issue|problem|bug|thing|fix|mistake|detail, low priority
        unimportant, not important, not critical, little bug|issue|problem|thing, nitpick, not a big deal
        no big deal, pequeno, pequena, detalhe, baixa prioridade, nada grave, coisa boba, bobagem, harmless
        pouca importancia, quick fix, easy fix, nada critico, low impact, no impact, sem impacto
        no customer impact
    """,
    ),
    concept(
        "no_hurry",
        -1.0,
        _("the text says that it can wait"),
        """
        =no hurry, =no rush, =not urgent, =non urgent, =can wait, =whenever you, when you have time
        when you get a chance, when possible, at your convenience, =sem pressa, =nao e urgente, =nao urgente
        =sem urgencia, =nao tem pressa, quando puder*, quando possivel, quando der, =pode esperar, some day
        someday, no deadline, sem prazo, =nao ha pressa, eventually
    """,
    ),
    concept(
        "translation",
        -0.4,
        _("a translation"),
        """
        translat*, untranslated, traduc*, traduz*, not localized, in english, em ingles, german, french, spanish
        japanese, chinese, russian, dutch, portuguese
    """,
    ),
)

CONCEPTS: tuple[Concept, ...] = RAISING + LOWERING
