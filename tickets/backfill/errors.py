"""Why a record is refused."""

from __future__ import annotations

from enum import StrEnum

from tickets.backfill.records import TicketRecord


class Rule(StrEnum):
    """What must be true of each record. The values are the sentences that an error says."""

    NUMBER_FORM = "a number has the form TKT-YYYY-NNNNNN, and its year is that of the creation in UTC"
    NUMBER_RISES = "a number is higher than those which its year has given out before"
    CREATION_RISES = "no ticket was created before one with a lower number of its year"
    ID_IS_NEW = "the ids of tickets and entries are used once"
    PEOPLE_ARE_THERE = "everybody who is named has an account"
    TITLE = "a title has 1 to 200 characters, is trimmed, is not blank and can be stored"
    DESCRIPTION = "a description has at most 100 000 characters, is not blank and can be stored"
    BEGINS_WITH_CREATION = "the first entry, and no other, is the creation by the author"
    MOVE = "an entry takes the ticket from where it stands along a move of tickets/workflow.py"
    ACTOR = "an action is taken by somebody who was allowed to take it, in the role of that time"
    SEVERITY = "only creation and change of severity name severities, and these follow from one another"
    REASON = "the reason of an entry is what its action writes"
    CHANGES = "only an edit changes texts, from what they were to something else"
    TIMES = "times name their zone, are whole milliseconds, never go back and do not lie in the future"
    ENDS_AT_STATUS = "the ticket has the status to which its entries lead"
    ENDS_AT_SEVERITY = "the ticket has the severity to which its entries lead"
    ENDS_AT_TEXT = "the ticket has the texts to which its entries lead"
    ENDS_AT_REVIEWER = "the ticket's reviewer is who took the last review"
    ENDS_AT_DELETION = "the ticket is marked as deleted when and by whom its entries tell, or not at all"
    ENDS_AT_TIMES = "the ticket was created with its first entry and last updated with its last one"


class BackfillRefused(ValueError):
    """A record that breaks a rule. `version` is the place of the entry that breaks it, None where it is none."""

    def __init__(self, record: TicketRecord, rule: Rule, version: int | None = None) -> None:
        self.record, self.rule, self.version = record, rule, version
        place = f", entry {version}" if version else ""
        super().__init__(f"{record}{place}: {rule.value}.")


def require(holds: bool, record: TicketRecord, rule: Rule, version: int | None = None) -> None:
    if not holds:
        raise BackfillRefused(record, rule, version)
