"""What lowers the severity of a ticket: a way around it, a wish, a question, something cosmetic.

Weights are judgement, checked against labelled texts (docs/triage.md).
"""

from django.utils.translation import gettext_lazy as _

from triage.heuristic.vocabulary import Concept, concept

MITIGATIONS: tuple[Concept, ...] = (
    concept(
        "typo",
        -1.6,
        _("a spelling mistake"),
        """
        typo, typos, misspel*, mispel*, spelling, spelled, spelt, grammar, grammatical, misprint, erro de digitacao
        ortograf*, erro de portugues, gramatical, acentuacao, digitado errado, escrito errado, escrita errada, spell
        wrong word, palavra errada, palavras erradas
    """,
    ),
    concept(
        "cosmetic",
        -0.85,
        _("only how something looks"),
        """
        cosmetic*, align*, misalign*, alignment, unaligned, pixel*, color, colors, colour*, font, fonts, icon, icons
        tooltip*, tool tip*, padding, margin, margins, wording, reword*, capital*, wrong translation, mistranslat*
        traducao errada|incorreta|ruim, plural, singular, indentation, indent, whitespace, white space, ugly, polish
        looks ugly|bad|odd|strange|weird|different, caption, captions, mnemonic*, ellipsis, spacing, logo
        off by one pixel, blurry, button text, punctuation, apostrophe, dark mode, modo escuro, readab*, eyesore
        desalinhad*, icone, icones, cor, cores, alinhamento, rotulo, estetic*, letra, letras, feio, feia, rodape, grey
        gray, nicer, title bar, nls, externaliz*, accelerators, accelerator key|keys, keyboard accelerator*, tab order
        cut off, cheese, visual|rendering|drawing|paint artifact*, missing period|space, extra space|spaces|blank
        button|field|menu|column|axis|tab label, wrong label, wrong text, texto errado
        label is|should|of|for|text|missing, centred, should read|say
        should be called|named|labeled|labelled|titled|capitalized, centered, off centre|center
        =not centred|centered|aligned|readable, =nao .. alinhad*, desalinhada
    """,
    ),
    concept(
        "appearance",
        -0.3,
        _("it is about the display"),
        """
        layout, visual, visually, flicker*, overlaps, overlapped, theme, appearance, truncated, cabecalho, wrapped
        sobrepost*, column width, too wide|narrow, redraw*, repaint*, look and feel, looks wrong, sort order
        wrong order|position|title|cursor|size|background, too small|big|tall, dialog title|width|height, window size
        dialog size, scroll position, animation*, gradient*, thumbnail*
    """,
    ),
    concept(
        "control",
        -0.12,
        _("it is about a detail of the screen"),
        """
        scrollbar*, scroll bar*, resize*, resizing, toolbar*, highlight*, shortcut*, focus, hover, mouse over
        mouseover, caret, menu item*, context menu*, splash screen, placeholder*, status bar, statusbar, tab title
        progress bar, style, styles, styling, border, borders, css
    """,
    ),
    concept(
        "docs",
        -0.6,
        _("documentation"),
        """
        javadoc*, doc, docs, documentation, ^document, to document, documented, documenting, undocumented, readme
        tutorial*, example, examples, sample, samples, user manual, reference manual, faq, wiki, help text, user guide
        guide, copyright, website text, documentacao, ajuda online, comments|comment in, code comment*, broken link
        dead link, link quebrado, building txt, release notes, changelog, man page, wording of, link .. broken|dead
        wrong link, manpage*, man pages, docstring*, apidoc*, api doc*, doxygen, online help, help page|pages
        inline docs, docblock*, phpdoc, outdated url
    """,
    ),
    concept(
        "message",
        -0.4,
        _("the wording of a message or log"),
        """
        log message*, logging, log level, warning, warnings, warn, message text, exception message, misleading
        unclear, mensagem de erro confusa, mensagem confusa, confuso, confusa, verbose, noisy, unhelpful, not helpful
        unfriendly, diagnostic*, print out, tostring, tooltip text, status message, dialog message, description text
        error message .. wrong|misleading|unclear|text|typo, improve .. message*, better .. message*, should log
        log the|a|an|if|more|at|to|warn|when|errors|exceptions, to log
        log an|file|output|entry|entries|statement|statements, logger, bogus warning*, spurious warning*
        poor diagnostic*, misleading error, confusing error|message, error message should, message should
        typo in message
    """,
    ),
    concept(
        "cleanup",
        -0.8,
        _("tidying up, with no effect on people"),
        """
        cleanup, cleanups, clean up, cleaning up, unused, dead code, simplif*, redundant, unneeded, useless
        superfluous, obsolete, outdated, coding style, tidy, duplicate code, boilerplate, moderniz*, code style
        get rid, nit, consolidate, reorgani*, limpeza, limpar codigo, unnecessarily, needlessly, leftover*
        convention*, checkstyle, pmd, lint, extraneous, remove .. deprecated, remove old|obsolete|dead|legacy
    """,
    ),
    concept(
        "rework",
        -0.3,
        _("a change within, with no fault to be seen"),
        """
        ^refactor|rename|renaming|rewrite|convert|migrate|replace|hide, refactor the|this|out|code, unnecessary
        deprecat*, findbugs, hardcod*, hard coded, instead of, refator*, renomear, public method*, naming, misnamed
        compiler warning*, inconsisten* .. naming|names|name
    """,
    ),
    concept(
        "wish",
        -0.8,
        _("a wish"),
        """
        would be nice|great|good|useful|helpful|cool|handy|better, nice to have, feature request*, enhancement, enh
        rfe, wishlist, wish, please add|support|allow|consider, ^suggestion, suggestion for|to, suggest, it would be
        could you add, could we have, ^could the|we, could .. also, an idea, i would like, we would like
        seria bom|legal|otimo|interessante|util|possivel|bacana, sugestao, gostaria, gostariamos, melhoria, poderia*
        ideia, proposal, more convenient, pedido de melhoria, prefer, wish list, ^wish, request to add|support
        please make|provide|include|package
    """,
    ),
    concept(
        "improvement",
        -0.2,
        _("an improvement rather than a fault"),
        """
        improve*, improving, improvement*, allow, add .. option, should be able, option to, better, enhance, easier
        configurable, customiz*, customis*, let, consider, possibility to, option for, permitir, incluir, adicionar
        melhorar, add .. field|button|column|filter|page|link|checkbox, ability to, more flexible, user friendly
        more readable, clarify, clearer, optionally, sort by, default to, by default .. should
    """,
    ),
    concept(
        "change",
        -0.1,
        _("something is to be added or changed"),
        """
        ^add|adding|support|provide|introduce|implement|enable|expose|extend|create|include|allow|offer|show|display
        ^use|make|move|change|set|switch|convert|remove|drop|update|upgrade|bump|merge|split|reduce|avoid|adjust
        ^port|unify|extract|review|investigate|define|specify|handle|adicionar|incluir|mudar|alterar|trocar
        support for, patch attached|included, with patch
    """,
    ),
    concept(
        "expectation",
        -0.1,
        _("it tells how something should be"),
        """
        should, ought, shall, deveria, deveriam, rather than
    """,
    ),
    concept(
        "log",
        -0.25,
        _("it is about a log"),
        """
        log, logged, logfile*
    """,
    ),
    concept(
        "question",
        -1.1,
        _("a question"),
        """
        how to, how do, how can, how should, how does, what is the, where can, where do, where is the, which .. should
        is it possible, is there a way, question, can i, can we, can you explain, when will, who can, wondering
        como faco, como fazer, como posso, como eu, como faz, qual e, qual o, qual a, onde fica, onde encontro, duvida
        e possivel, tem como, pergunta, quando sera, como configur*, como altero, como mudar, como usar, onde esta
        what time, who is, quais, posso, qual, what is the .. hours|number|address|extension, what are the .. hours
        what are your, whats the, can|could you tell|explain|say, ^who, who approves, ^como, ^quem, ^is|are there
        what does, what do, what happens, meaning of, o que significa, para que serve, o que e
    """,
    ),
    concept(
        "request",
        -0.4,
        _("an ordinary request"),
        """
        request for, requesting, i need a, we need a, please install, please create, please provide
        new laptop|monitor|keyboard|mouse|phone|chair|headset, need access to, access to .. folder, new employee
        new starter, new hire, onboarding, order a, solicito, solicitacao, solicitar, preciso de, preciso do
        precisamos de, reset my password, password reset, reset .. password, forgot .. password, forgotten password
        esqueci .. senha, redefinir .. senha, trocar .. senha, change my password
        novo monitor|notebook|teclado|mouse|funcionario|colaborador|computador|headset, novo usuario, liberar acesso
        liberacao de, instalar o, instalacao do|de, criar usuario, toner, replace .. battery, newsletter, mailing list
        lista de distribuicao, change my, update my, mudar meu, alterar meu, troca de, phone number, signature
        assinatura, please add .. to, add our|the .. to the, out of toner, cadastro de|do, cadastrar
        ordering a|an|new, please order|extend|enable|activate|change|set|update|reset|give
        please grant|send|move|remove|delete|rename|book|arrange|assign|unlock, access for, acesso .. para novo|nova
        new consultant|intern|trainee|colleague|joiner, novo consultor|estagiario|colega
        extend my|the account|contract, renew*, prorrogar
        favor alterar|incluir|liberar|enviar|trocar|cadastrar|criar|instalar|mudar
    """,
    ),
    concept(
        "tests",
        -0.15,
        _("only tests are concerned"),
        """
        test, tests, testcase*, junit, unit test*, test case*, test suite*, flaky, test failure, test coverage
        testsuite*, reftest*, mochitest*, unittest*, crashtest*, regression test*
    """,
    ),
    concept(
        "workaround",
        -0.7,
        _("there is a way around it"),
        """
        workaround*, work around, works after, work if, works if, works when
        works in|on|with .. other|another|chrome|firefox|edge, reload helps, restart helps, restarting helps
        refresh* helps, fixes it, can still, still works, still work, contorno, da para contornar, funciona .. outro
        funciona quando, funciona se, reiniciar resolve, mas consigo, volta ao normal, using another, use another
        usando outro, temporary fix, solucao paliativa, conseguimos contornar, por enquanto uso, everything works
        everything else works, but .. works, tudo funciona, mas funciona
    """,
    ),
    concept(
        "one_person",
        -0.35,
        _("one person is affected"),
        """
        one user, one person, single user, one customer, one of our users, only me, just me, only for me, only on my
        MINE computer, MINE laptop, MINE pc, MINE monitor, MINE screen, MINE headset, MINE printer, MINE phone
        MINE machine, MINE notebook, MINE teclado, MINE computador, MINE celular, MINE tela, MINE impressora
        so comigo, somente comigo, apenas comigo, um usuario, uma usuaria, um cliente, uma pessoa, so eu, apenas eu
        apenas um, apenas uma, so um, so uma, only one, a colleague, um colega, a user, one machine, um computador
        one pc, others IS fine, everyone else, os outros .. normal*, works for others, resto .. normal, isolated
        um unico, uma unica, my account, minha conta, meu usuario, MINE mouse, MINE keyboard
        MINE bookmarks|favorites|favourites|favoritos, one participant, one colleague, one employee
        single person|customer|employee, other|first|second one IS fine
    """,
    ),
    concept(
        "peripheral",
        -0.5,
        _("a small device that is easily replaced"),
        """
        mouse|keyboard|headset|webcam|teclado|fone .. broken|stopped|quebrado|quebrou|not|sem|dead|parou|solta|loose
        mouse|keyboard|headset|webcam .. stops|stopped, broken mouse|keyboard|headset|webcam|charger
        second monitor|screen, paper jam*, papel atolado, atola*, cartridge*, cartucho*, carregador, charger
        printer .. smears|streaks|stripes, impressora .. mancha|manchando|riscos, broken key, tecla*, mousepad, cabo
        webcam, headset
    """,
    ),
    concept(
        "first_person",
        -0.25,
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
        sometimes, intermittent*, occasional*, sporadic*, rarely, rare, once in a while, from time to time, random*
        as vezes, de vez em quando, raramente, intermitente, esporadic*, ocasional*, corner case*, edge case*
        potential*, partial*, flaky
    """,
    ),
    concept(
        "minor",
        -0.7,
        _("the text says that it is small"),
        """
        minor, trivial, tiny, slight, slightly, small issue|problem|bug|thing|fix|mistake|detail, low priority
        unimportant, not important, not critical, little bug|issue|problem|thing, nitpick, not a big deal, no big deal
        pequeno, pequena, detalhe, baixa prioridade, nada grave, coisa boba, bobagem, harmless, pouca importancia
        easy fix, nada critico, low impact, no impact, sem impacto, no customer impact, annoying, annoyance, nuisance
        irritante, incomod*
    """,
    ),
    concept(
        "no_hurry",
        -1.0,
        _("the text says that it can wait"),
        """
        =no hurry, =no rush, =not urgent, =non urgent, =can wait, =whenever you, when you have time
        when you get a chance, when possible, at your convenience, =sem pressa, =nao e urgente, =nao urgente
        =sem urgencia, =nao tem pressa, quando puder*, quando possivel, quando der, =pode esperar, some day, someday
        no deadline, sem prazo, =nao ha pressa, eventually
    """,
    ),
    concept(
        "translation",
        -0.4,
        _("a translation"),
        """
        translat*, untranslated, traduc*, traduz*, not localized, in english, em ingles, german, french, spanish
        japanese, chinese, russian, dutch, portuguese, =not in english
    """,
    ),
)
