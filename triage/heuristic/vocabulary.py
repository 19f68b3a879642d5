"""How the meanings in impact.py, failures.py and mitigations.py are written down.

Phrases are in lower case without accents, English and Brazilian Portuguese side by side:

- words follow each other, `..` stands for up to four words in between (never across punctuation);
- `a|b` is either word, `stem*` any word that begins so;
- a name in capitals is a set of words from `SETS`;
- a phrase that begins with `=` states a fact by itself and is not undone by a "no" or "not" before it;
- a phrase that begins with `^` counts only where a clause begins.
"""

from dataclasses import dataclass

from django.utils.functional import Promise

SETS: dict[str, str] = {
    "NOT": (
        "not|unable|fail|fails|failed|failing|failure|impossible|never|error|errors|refuses"
        "|nobody|noone|nao|impossivel|falha|falhou|falham|falhando|erro|incapaz|ninguem|nenhum|nenhuma"
    ),
    "ALL": "all|every|multiple|many|several|most|todos|todas|varios|varias|muitos|diversos",
    "PEOPLE": (
        "users|user|customers|customer|clients|people|employees|staff|colleagues|sites|branches|stores|offices|teams"
        "|departments|agents|services|systems|visitors|visitor|guests|students|patients|tills|registers|terminals"
        "|phones|printers|computers|pcs|workstations|usuarios|clientes|funcionarios|colegas|pessoas|lojas|filiais|setores"
        "|servicos|sistemas|equipes|computadores|caixas|terminais|visitantes|alunos|pacientes|ramais|impressoras"
    ),
    "PLACE": (
        "company|organisation|organization|office|department|team|floor|site|building|branch|store|warehouse|plant"
        "|factory|firm|business|world|headquarters|hq|region|school|hospital|matriz|sede|unidade|empresa|escritorio"
        "|departamento|equipe|setor|loja|filial|predio|andar|fabrica|escola"
    ),
    "THING": (
        "site|website|server|servers|service|services|system|systems|app|application|network|internet|database|db"
        "|email|mail|vpn|portal|platform|api|erp|crm|intranet|production|prod|cluster|wifi|phones|telephony|link"
        "|checkout|shop|webshop|store|gateway|exchange|sap|dns|shared|drive|loja|sistema|servidor|servidores|rede|servico"
        "|banco|aplicativo|aplicacao|plataforma|producao|telefonia|telefone|correio|pix"
    ),
    "DATA": (
        "data|files|file|records|record|documents|document|messages|emails|mails|mail|orders|tickets|changes|work"
        "|settings|attachments|folder|folders|contents|content|history|photos|profile|rows|entries"
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
