"""Laptops, printers, scanners, screens and mobile phones."""

from tickets.demo.problems.problem import Problem

PROBLEMS: tuple[Problem, ...] = (
    Problem(
        "Laptop will not wake from sleep when docked",
        (
            "Closed lid, two screens. In the morning the fan runs, both screens stay black and only holding "
            "the power button for ten seconds helps. Without the dock it wakes normally. Three people on our "
            "floor, all with the newer dock."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Squeaky fan",
        "Asset tag L-20417. Loud enough that people ask about it in calls. Works otherwise.",
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Printer on floor 2 prints only the first page of every PDF",
        (
            'The job is accepted, page one comes out, the display says "Processing..." for a minute and then '
            '"Ready". Text documents print completely. Turning it off and on changed nothing, and the '
            "printer on floor 3 is fine, so we walk."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Label printer at dispatch is dead, 220 parcels wait for labels",
        (
            'The print head shows error 0x2A and the display says "Head element bad". The spare was lent to '
            "the other site in spring and never returned. Pick-up by the carrier is at 16:30."
        ),
        "HIGH",
        None,
        "en",
    ),
    Problem(
        'Teclado com a tecla "ç" falhando',
        ("Preciso apertar com força para sair a letra. É chato, mas dá para usar. O notebook ainda está na garantia."),
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "Swollen battery? The touchpad of my laptop is rising",
        (
            "The gap is about 3 mm now and the click no longer works. I have shut it down and put it into "
            "the metal cabinet as the safety leaflet says. I need a replacement machine, my files are on the "
            "drive in sync."
        ),
        "MEDIUM",
        "HIGH",
        "en",
    ),
    Problem(
        "Where can I leave old toner cartridges?",
        "The box in the copy room is full, and facility management says it is yours.",
        "EASY",
        "EASY",
        "en",
    ),
    Problem(
        "Blue screen twice a day, always in video calls",
        (
            "Stop code: DRIVER_IRQL_NOT_LESS_OR_EQUAL\n"
            "What failed: wlan_bus.sys\n"
            "It started after the updates last week. With the network cable plugged in it has not happened "
            "so far."
        ),
        "MEDIUM",
        None,
        "en",
    ),
    Problem(
        'Second monitor for the new desk in Accounting, 24" or larger',
        (
            "Approved by the team lead, cost centre 4100. A used one is fine, as long as it has the same "
            "connector as the first, and please bring the longer cable."
        ),
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        "Leitor de código de barras da doca 3 lê mas não transmite",
        (
            "O leitor apita e acende a luz verde, porém nada aparece no terminal. Já trocamos a bateria e o "
            "colocamos na base para parear de novo. Estamos digitando os códigos à mão, o recebimento está "
            "bem mais lento."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Nine of twelve handheld scanners reboot in the middle of picking after the firmware roll-out",
        (
            "They restart when the picker confirms a quantity; the pick is lost and has to be counted again. "
            "The three that were in the charging cradle during the roll-out have the old firmware and work. "
            "The late shift starts at 14:00 with double volume: can the old version be put back before?"
        ),
        "HIGH",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Phone screen cracked, still usable",
        (
            "It fell from the ladder during stocktaking. Touch works except in the top left corner. When is "
            "the next exchange due anyway?"
        ),
        "LOW",
        "MEDIUM",
        "en",
    ),
    Problem(
        'Company phone does not enrol: "Profile installation failed"',
        (
            'New device, reset twice. It stops at step 4 of 5 with "The SCEP server returned an invalid '
            "response\". I'm travelling from Thursday and need mail and the travel app by then."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Mouse wheel scrolls the wrong way since the update",
        "Is there a setting? I looked under Mouse and under Accessibility and could not find it.",
        "EASY",
        None,
        "en",
    ),
    Problem(
        "Scanner on the copier puts every page upside down into the mail",
        "Two-sided originals only. We turn them by hand.",
        "LOW",
        "LOW",
        "en",
    ),
    Problem(
        (
            "Notebook muito lento depois da criptografia do disco: o logon leva de oito a dez minutos, o "
            "disco fica em 100% e o antivírus, já reinstalado conforme a orientação anterior, não mudou nada"
        ),
        (
            "Modelo com 8 GB de memória, patrimônio 00913. Depois de uma meia hora fica aceitável, então "
            "ligo o computador e vou tomar café."
        ),
        "MEDIUM",
        "MEDIUM",
        "pt",
    ),
    Problem(
        "Payslip printer leaves grey stripes over the bank details",
        (
            "Bought last year, new drum in June. The stripes are exactly where the account number stands, "
            "and some people complained that they cannot read it. Electronic payslips are fine, but about 60 "
            "people on the shop floor get paper."
        ),
        "MEDIUM",
        "LOW",
        "en",
    ),
    Problem(
        "Impressora fiscal do caixa 2 não emite cupom e a loja está com fila",
        (
            'Mensagem no visor: "Erro de comunicação com o SAT, código 06002". O caixa 1 funciona, mas '
            "sozinho não dá conta do movimento de sábado. Reiniciar o equipamento resolveu por dez minutos e "
            "o erro voltou."
        ),
        "HIGH",
        "HIGH",
        "pt",
    ),
    Problem(
        "Loan laptop for a trade fair, Wednesday to Friday",
        (
            "One machine with the product configurator and offline price list, plus the adapter for HDMI. I "
            "can collect it on Tuesday afternoon."
        ),
        "LOW",
        None,
        "en",
    ),
    Problem(
        "Tablets on the forklifts lose their brightness setting and are unreadable in the yard",
        (
            "After each restart they go to 20 %. The drivers are not allowed into the settings (kiosk mode), "
            "so they drive back into the hall to read the next order."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        "Solicitação de fone de ouvido com cancelamento de ruído",
        (
            "Trabalho no espaço aberto ao lado do atendimento e faço cerca de cinco reuniões por dia. "
            "Aprovado pelo gestor Caio, centro de custo 2230."
        ),
        "LOW",
        "LOW",
        "pt",
    ),
    Problem(
        "Docking station takes the network of the whole desk row down",
        (
            "We can reproduce it: plug in the dock at seat 4.17, and within a minute all six seats are "
            "offline; unplug it, and they are back. The same dock is harmless on another floor. Nobody uses "
            "the seat for now."
        ),
        "MEDIUM",
        "MEDIUM",
        "en",
    ),
    Problem(
        'CNC workstation does not boot: "No bootable device", the milling programs are only on that disk',
        (
            "Machine hall B, the PC beside mill 3. It made a clicking noise yesterday and stayed off "
            "overnight. The programs for the running order were never copied to the server, as we now learn. "
            "Mill 3 stands still, the other mills are running; please do not reinstall anything before "
            "someone has looked at the disk!"
        ),
        "HIGH",
        "HIGH",
        "en",
    ),
    Problem(
        "Adaptador esquecido na sala Jatobá",
        "Encontrei um adaptador USB-C para HDMI depois da reunião de ontem. Deixo na recepção ou com vocês?",
        "EASY",
        "EASY",
        "pt",
    ),
    Problem(
        "Impressora colorida imprime tons esverdeados",
        (
            "Os folhetos saem com o logotipo verde em vez de azul. Para uso interno não atrapalha; o "
            "material do cliente vai para a gráfica."
        ),
        "LOW",
        None,
        "pt",
    ),
    Problem(
        "Laptop stolen from a car, disk encrypted, reported to the police",
        (
            "It happened last night in the hotel's garage. The machine was switched off, encrypted, and no "
            "papers were in the bag. Case number follows. Please block the device, and I need a replacement "
            "to be able to work from Thursday."
        ),
        "MEDIUM",
        None,
        "en",
    ),
)
