"""What reviewers and authors of the demo write: why a severity was changed, and what a text got added."""

RAISED = (
    "More people are hit than the text says: the whole floor called in.",
    "This blocks month-end closing, so it cannot wait.",
    "A customer has already escalated. Please add what they were promised.",
    "There is no workaround any more since this morning.",
    "We saw the same last year and it grew within hours.",
    "Personal data is involved; add which records.",
    "Afeta todas as filiais, não só a matriz. Descreva o impacto.",
    "The deadline with the tax office is on Friday.",
    "Happens on every device of that model, so treat it as a fleet problem.",
)
LOWERED = (
    "There is a workaround that everybody knows.",
    "One person is affected and has a spare device.",
    "Cosmetic: nothing is lost and nobody is blocked.",
    "The vendor fixes it with next week's release.",
    "Só acontece em um relatório que quase ninguém usa.",
    "Duplicate of a planned change, so it can go with that.",
    "Not in production, only in the training system.",
)
ADDED = (
    "Added after the review: about forty people are affected, in two offices.",
    "Update: it also happens on the second machine, with the same message.",
    "Update: the supplier confirmed it from their side and asks for our logs.",
    "As asked: it began on Monday after the nightly update; before that all was well.",
    "Complemento: testado hoje em outra estação, com o mesmo resultado.",
    "As asked, the steps: open the form, choose last month, press Save. It fails every time.",
)
