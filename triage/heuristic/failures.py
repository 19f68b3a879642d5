"""What goes wrong with a thing: crashes, lost data, broken functions.

Weights are judgement, checked against labelled texts (docs/triage.md).
"""

from django.utils.translation import gettext_lazy as _

from triage.heuristic.vocabulary import Concept, concept

FAILURES: tuple[Concept, ...] = (
    concept(
        "crash",
        0.8,
        _("something crashes"),
        """
        crash*, segfault*, segmentation fault, segv, sigsegv, sigabrt, core dump*, coredump*, dumps core, topcrash
        access violation, bus error, blue screen*, bluescreen*, bsod, tela azul, stack overflow, stackoverflow*
        kernel panic, panic*, abort, aborts, aborted, use after free, double free, heap corruption, gpf, dies
        internal compiler error, ice on, fecha sozinho, fechando sozinho, fecha sozinha, encerra sozinho
        reinicia sozinho, restarts by itself, jvm exit*, unexpectedly quits, quits unexpectedly, killed
        fatal error|exception, erro fatal, asan, heap buffer overflow, heap use after free, widget is disposed
        exits unexpectedly, exited with, exit code 139, exits without|silently, closes itself, shuts itself down
        crasher*, signal 11|6|9, sigbus, sigill, sigfpe, spontaneous*, invalid read|write|free, null dereference
        null pointer dereference, kernel oops, aw snap, reboots itself|randomly, randomly reboots, restarts itself
        core file|files, terminated by signal, terminates unexpectedly, unexpectedly terminat*, uncaught signal
        bad pointer, dangling pointer*
    """,
    ),
    concept(
        "hang",
        0.7,
        _("something hangs or never ends"),
        """
        hang, hangs, hanging, hung, freez*, frozen, deadlock*, dead lock*, livelock*, infinite loop*, endless loop*
        infinite recursion, infinitely, unresponsive, NOT respond*, stuck, never ends|finishes|returns|completes|stops
        NOT .. terminate*, locks up, lockup, lock up, block* forever, blocks indefinitely, wait* forever, hangup
        indefinitely, spins, looping, congel*, travou, trava, travando, travado, travada, travam, loop infinito
        nao responde, nao respondem, beachball, starvation, loops forever|endlessly, runs forever, busy loop*
        never .. finish*, thread .. blocked, blocked thread*, spinning, not responding, locking up, locked up
        hard lock, soft lockup
    """,
    ),
    concept(
        "data_loss",
        0.8,
        _("data is lost or destroyed"),
        """
        data loss, dataloss, loss of data, DATA loss, los* .. DATA, los* all|my|our|changes, DATA .. lost
        DATA .. deleted, DATA .. disappear*, DATA .. vanish*, DATA .. gone, DATA .. wiped, DATA .. erased
        DATA .. overwritten, delet* all, deletes .. DATA, accidentally delet*, wipe*, eras* .. DATA, destroys
        overwrit* .. DATA, missing data|records|rows|files|messages|emails, not recoverable, unrecoverable
        irrecoverabl*, perda de, perdi, perdemos, perdeu, perderam, perdid*, apagou, apagados, apagadas, apagado
        apagada, backup .. fail*, backup .. falh*, fail* .. backup, restore .. fail*, excluid* por engano
        DATA .. desaparec*, DATA .. sumiu|sumiram, sumiu|sumiram .. DATA, everything .. disappeared|gone, emptied
        deleted .. by mistake|accident|accidentally, exclui*|apag* .. engano|querer, apaguei, exclui, foram apagados
        foram excluidos, DATA .. excluid*
        los* mail*|message*|content|contents|document|documents|formatting|bookmark*|setting*|preferences|work
        destroyed, overwrites existing|user, removes user|all|existing, loses data
        loss of work|content|contents|changes|messages|mail|email|settings|files|formatting, saved .. empty
        backup .. not|nao, delet* whole|entire, wrong disk|partition
    """,
    ),
    concept(
        "lost",
        0.35,
        _("something gets lost"),
        """
        lost, loses, losing
    """,
    ),
    concept(
        "corruption",
        0.65,
        _("data is wrong or damaged"),
        """
        corrupt*, data integrity, inconsistent state|data, silently .. wrong, silently drop*, bad data, garbage
        duplicate records|rows|orders|payments|messages, duplicat* .. records|orders|payments, inconsistency
        dados errados|incorretos|inconsistentes|trocados, corrompid*, duplicado* .. pedidos, wrong code, miscompil*
        wrong customer|customers, rejects valid, data mismatch, lose precision, truncates data
        wrong value|values returned|written, wrong|incorrect result|results|data|answer|answers|query
        resultado errado|incorreto, file .. truncated, truncates .. file|files|data, zero bytes, empty file|files
        dados .. trocados|errados|incorretos|misturados, swapped, mixed up, incorrect|bad code generat*
        generates wrong|incorrect|bad, wrong|incorrect output|calculation|calculations, incorrectly calculat*|comput*
        calculat* wrong, mangled, garbled, scrambled, file system|filesystem .. error*
    """,
    ),
    concept(
        "no_start",
        0.65,
        _("it cannot be started, installed or updated"),
        """
        NOT .. start, NOT .. starting, NOT .. starts, NOT .. started, NOT .. launch, NOT .. boot, NOT .. startup
        NOT .. initiali*, NOT .. deploy, NOT .. install, NOT .. upgrade, NOT .. come up, NOT .. turn on
        start* .. fail|fails|failed|failing, startup .. fail*, startup .. error, boot .. fail*, install* .. fail*
        upgrade .. fail*, deploy* .. fail*, launch .. fail*, start* .. impossible, bootstrap .. fail*, NOT .. power on
        NOT .. liga, NOT .. ligar, NOT .. inicia, NOT .. iniciar, NOT .. sobe, NOT .. inicializa*, on startup
        at startup, during startup, at launch, on launch, update .. fail*, fail|fails|failed|unable to update
        can not update, postinst, uninstallable, unmet dependencies, dependency problem|problems, unbootable
        boot loop, boot .. hang*, crash* on|at|during start|startup|launch|boot, upgrade .. break*
        upgrading .. break*|fail*, installer .. crash*|hang*
    """,
    ),
    concept(
        "build",
        0.6,
        _("a build or release is broken"),
        """
        build .. fail*, build .. broken, build .. break*, build error*, broken build, break* .. build, NOT .. compile*
        NOT .. build, compil* .. fail*, compil* error*, compile error*, bustage, busted, burning, NOT .. link
        linker error*, link error*, undefined reference, missing dependency|dependencies, license, deploy .. broken
        licence, unresolved symbol*, does not compile, tinderbox, red tree, respin, trees closed, build fails, ftbfs
        fails to build, build failure*, NOT build, missing from release|tarball|distribution|package|build
        tree .. broken|red|closed, trunk .. broken, compilation failure*|error*
    """,
    ),
    concept(
        "core_function",
        0.16,
        _("something people rely on cannot be done"),
        """
        NOT .. save, NOT .. saved, NOT .. saving, NOT .. open, NOT .. opened, NOT .. opens, NOT .. load, NOT .. loads
        NOT .. print, NOT .. send, NOT .. sent, NOT .. sending, NOT .. receive, NOT .. receiving, NOT .. upload*
        NOT .. download*, NOT .. connect*, NOT .. read, NOT .. write, NOT .. delete, NOT .. delivered, NOT .. submit*
        NOT .. play, NOT .. sync*, NOT .. restore, NOT .. recover, NOT .. access, save .. fail*, connection .. fail*
        connect* .. refused, disconnect*, NOT .. salva*, NOT .. imprim*, NOT .. envia*, NOT .. receb*, NOT .. carrega*
        NOT .. conecta*, NOT .. baixa*, NOT .. gera*, NOT .. sincroniz*, upload .. fail*, print* .. fail*
        sync .. fail*, refused, blank page|screen|window, white screen, empty page, black screen, tela branca
        tela preta, pagina em branco, account .. locked|blocked|disabled, conta .. bloqueada, usuario .. bloqueado
        bloquead*, NOT .. abre, NOT .. abrir, bounce, bounces, bounced, bouncing, devolvidos, nao chegam, nao chega
        nao estao chegando, mail|mails|email|emails .. rejected|returned|delayed, emails .. rejeitados
        did not run|complete, not completed, nao foi concluid*, nao rodou, nao executou, NOT .. registra*
        NOT .. grava*, NOT .. atualiza*, NOT .. aparece*, NOT .. show, NOT .. shown, NOT .. appear*, NOT .. ring, mudo
        muda
    """,
    ),
    concept(
        "cannot",
        0.1,
        _("something cannot be done"),
        """
        can not, unable, not able, not possible, nao consigo, nao consegue*, nao conseguimos, nao e possivel
    """,
    ),
    concept(
        "blocks",
        0.25,
        _("it keeps something else from being done"),
        """
        prevents, preventing, prevented, impossible, impede, impedem, impedindo, impossivel
    """,
    ),
    concept(
        "consequence",
        0.22,
        _("one fault brings on another"),
        """
        causes, cause, caused, causing, leads to, lead to, leading to, results|resulting in, due to, causando, causa
        devido
    """,
    ),
    concept(
        "broken",
        0.22,
        _("something does not work"),
        """
        not work*, IS broken, broken, does nothing, no effect, stopp* working, NOT work, doesnt work, nao funciona
        nao funcionam, nao esta funcionando, deixou de funcionar, quebrou, quebrado, quebrada, com defeito
        malfunction*, not functional, not function*, breaks, NOT .. properly, NOT .. correctly, parou de funcionar
        parou de responder, pararam de funcionar, NOT .. funciona*, ignored, ignores, NOT .. recogni*, NOT .. detect*
        wrongly
    """,
    ),
    concept(
        "regression",
        0.4,
        _("it worked before"),
        """
        regression*, regress*, no longer, used to work, worked before|yesterday|fine
        since .. update|upgrade|yesterday, after .. update|upgrade|upgrading|updating|migration|reboot|patch, broke
        broken by, broken since, desde .. atualizacao, apos .. atualizacao, depois .. atualizacao
        depois da|do .. update, does not work anymore, not work any more, desde ontem, antes funcionava
        funcionava ate, funcionava ontem, disappear*, vanish*, desaparec*, sumiu, sumiram, sumindo
    """,
    ),
    concept(
        "memory",
        0.6,
        _("memory or another resource runs out"),
        """
        memory leak*, leak, leaks, leaking, leaked, outofmemory*, out of memory, oom, memory exhaust*, too much memory
        disk full, disk space, no space, out of disk, out of space, resource leak*, thread exhaustion, handle leak
        leak* .. memory, high memory, memory usage, memory consumption, excessive memory, exhaust*, 100 cpu, high cpu
        cpu usage, vazamento de memoria, disco cheio, sem espaco, memoria cheia, estouro de memoria, too many open
        disk .. full, disco .. cheio, storage .. full, mailbox .. full, caixa .. cheia, IS full, memory corruption
        memory hog, eats|hogs|consumes .. cpu|memory, descriptors .. leak*, cpu load, permgen, heap space
        never freed|released|closed
    """,
    ),
    concept(
        "slow",
        0.2,
        _("it is slow"),
        """
        slow, slowly, slowness, takes .. seconds, times out, timing out, timed out, timeouts
        takes .. minutes|hours|forever|long, slower, lento, lenta, lentos, lentidao, demora*, degrad*, delay*, atras*
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
        0.32,
        _("an unexpected error stops it"),
        """
        npe, nullpointer*, null pointer, assert, assertion*, uncaught, unhandled, arrayindexoutofbounds*
        indexoutofbounds*, classcastexception, concurrentmodification*, illegalstateexception, stringindexoutofbounds*
        noclassdeffounderror, classnotfound*, nosuchmethod*, internal error, error 500, internal server error
        http 500, traceback, erro interno, erro 500, fatal, unexpected error|exception, 503
        returns|gives|answers .. 500|502|503|504, class cast, nosuchelement*, invalid thread access, swtexception
        illegal state, verifyerror, noclassdef*, unsatisfiedlink*, linkageerror, abstractmethoderror
        arithmeticexception, numberformat*
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
        large, huge, under load, under heavy, sob carga, big files|tables, many files|rows|records|requests|threads
    """,
    ),
)
