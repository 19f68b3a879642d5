"""What a sensible manager would say to tickets of a service desk, in English and Brazilian Portuguese."""

from __future__ import annotations

import pytest

from triage import heuristic

LEVELS = ["EASY", "LOW", "MEDIUM", "HIGH", "VERY_HIGH"]

# (title, description, level)
TICKETS = [
    # Outages.
    ("The website is down", "Nobody can open it since 9:00, customers are calling.", "VERY_HIGH"),
    ("Production database unreachable, all branches affected", "", "VERY_HIGH"),
    ("ERP fora do ar para toda a empresa", "Ninguém consegue emitir notas fiscais.", "VERY_HIGH"),
    ("Internet caiu no escritório inteiro", "Estamos parados desde cedo.", "VERY_HIGH"),
    ("E-mail server not responding, whole company without mail", "", "VERY_HIGH"),
    ("Telefonia da central de atendimento parada", "Nenhum cliente consegue ligar.", "VERY_HIGH"),
    ("VPN down for everyone working from home", "", "VERY_HIGH"),
    ("Intranet unavailable", "The page does not load in any browser.", "HIGH"),
    ("Wifi in meeting room 3 drops now and then", "Works if I reconnect.", "LOW"),
    ("Servidor de arquivos indisponível na filial de Curitiba", "", "HIGH"),
    # Payments and money.
    ("Checkout fails for all customers with error 500", "Orders are being lost.", "VERY_HIGH"),
    ("Customers charged twice for the same order", "At least 40 complaints since yesterday.", "HIGH"),
    ("Pagamentos com cartão recusados em todas as lojas", "", "VERY_HIGH"),
    ("Payroll file rejected by the bank, salaries are due today", "", "HIGH"),
    ("Boleto gerado com valor errado", "O cliente percebeu antes de pagar.", "HIGH"),
    ("Invoice PDF shows our old logo", "", "EASY"),
    ("Não consigo pagar fornecedores pelo sistema", "Dá erro ao confirmar o pagamento.", "HIGH"),
    # Sign-in.
    ("Nobody can log in to the CRM", "", "VERY_HIGH"),
    ("I cannot log in to my account", "It says that the password is wrong.", "MEDIUM"),
    ("Single sign-on fails for the whole sales team", "", "HIGH"),
    ("Esqueci minha senha", "Podem redefinir, por favor?", "LOW"),
    ("Usuários não conseguem acessar o portal do cliente", "Erro de autenticação para todos.", "VERY_HIGH"),
    ("Account locked after three attempts", "", "MEDIUM"),
    ("Password reset for a colleague", "", "LOW"),
    # Data.
    ("Shared drive wiped, all project files are gone", "There is no backup.", "VERY_HIGH"),
    ("Planilha sumiu da pasta compartilhada", "Perdi o trabalho de uma semana.", "HIGH"),
    ("CRM shows the records of the wrong customer", "", "HIGH"),
    ("Backup failed three nights in a row", "", "HIGH"),
    ("Database corrupted after the migration", "Production data, no workaround.", "VERY_HIGH"),
    ("Relatório mensal com dados incorretos", "", "HIGH"),
    ("Report totals differ by one cent because of rounding", "", "LOW"),
    # Security.
    ("Ransomware on several computers", "Files are encrypted and there is a note.", "VERY_HIGH"),
    ("Vazamento de dados de clientes", "Planilha com CPFs está pública.", "VERY_HIGH"),
    ("I clicked a link in a phishing mail and entered my password", "", "HIGH"),
    ("Notebook roubado com dados da empresa", "", "HIGH"),
    ("Suspicious logins from abroad on an admin account", "", "HIGH"),
    ("Passwords are written to the log in plain text", "", "HIGH"),
    ("Certificado do site vencido", "O navegador mostra aviso de segurança.", "HIGH"),
    # One person.
    ("My mouse has stopped working", "", "LOW"),
    ("Minha impressora não imprime", "As outras do andar estão normais.", "LOW"),
    ("My laptop does not start", "Black screen since this morning.", "MEDIUM"),
    ("Headset sem som", "Só comigo.", "LOW"),
    ("Excel crashes when I open a large file", "", "MEDIUM"),
    ("Computador muito lento", "Demora dez minutos para abrir o sistema.", "MEDIUM"),
    ("Outlook does not send mails with attachments", "", "MEDIUM"),
    ("Não consigo abrir arquivos PDF", "", "MEDIUM"),
    # Many people, less than an outage.
    ("Printer on the second floor does not work", "", "MEDIUM"),
    ("Order page is very slow for all users", "It takes a minute to load.", "HIGH"),
    ("Sistema trava várias vezes ao dia para todos os atendentes", "", "HIGH"),
    ("Warehouse scanners disconnect several times an hour", "Shipping is delayed.", "HIGH"),
    ("Production line stopped, label printer not responding", "", "VERY_HIGH"),
    # Workarounds.
    ("Export to Excel fails", "CSV works, so there is a workaround.", "LOW"),
    ("Tela de cadastro dá erro no Chrome", "No Edge funciona, dá para contornar.", "LOW"),
    ("Video call has no sound until I restart the app", "Restarting helps.", "LOW"),
    # Questions and requests.
    ("How do I set an out-of-office reply?", "", "EASY"),
    ("Como faço para mudar minha foto de perfil?", "", "EASY"),
    ("Where can I find the travel expense form?", "", "EASY"),
    ("New laptop for an employee who starts in March", "", "LOW"),
    ("Solicito acesso à pasta do financeiro", "", "LOW"),
    ("Please install Acrobat on my computer", "When you have time.", "LOW"),
    ("Preciso de um novo monitor", "Sem pressa.", "EASY"),
    # Cosmetic, wishes, words.
    ("Typo on the contact page", "", "EASY"),
    ("Erro de digitação no rodapé do site", "", "EASY"),
    ("The logo is not aligned with the menu", "Cosmetic, no hurry.", "EASY"),
    ("It would be nice to have a dark mode", "", "EASY"),
    ("Sugestão: colocar o filtro do lado esquerdo", "", "EASY"),
    ("Cor do botão diferente do padrão", "", "EASY"),
    ("Button label cut off in German", "", "EASY"),
    ("Add a field for the cost centre", "Would help the accountants.", "LOW"),
    ("Minor: date format in the report is American", "", "LOW"),
    # Plain faults, urgency, denial.
    ("Error message when saving a customer", "", "MEDIUM"),
    ("Search returns old results", "", "MEDIUM"),
    ("Integração com os Correios parou de funcionar", "Pedidos não são enviados.", "HIGH"),
    ("Urgent: the CEO's presentation does not open, meeting in ten minutes", "", "HIGH"),
    ("Slow login, but no outage and no data loss", "", "MEDIUM"),
    ("Scanner does not work, not urgent", "", "LOW"),
]


def distance(title: str, description: str, level: str) -> int:
    return abs(LEVELS.index(heuristic.suggest(title, description).severity) - LEVELS.index(level))


def test_the_table_is_large_enough() -> None:
    assert len(TICKETS) >= 60


@pytest.mark.parametrize(("title", "description", "level"), TICKETS, ids=[title for title, _, _ in TICKETS])
def test_suggestion_is_at_most_one_level_off(title: str, description: str, level: str) -> None:
    assert distance(title, description, level) <= 1


def test_two_thirds_of_suggestions_are_exact() -> None:
    exact = sum(distance(*ticket) == 0 for ticket in TICKETS)
    assert exact * 3 >= len(TICKETS) * 2
