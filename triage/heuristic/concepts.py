"""All the concepts that a ticket's words can name. One concept is one thing that a person would give as a reason.

Its weight is in levels: +1.0 moves a ticket one level up from MEDIUM.
"""

from triage.heuristic.failures import FAILURES
from triage.heuristic.impact import IMPACT
from triage.heuristic.mitigations import MITIGATIONS

CONCEPTS = IMPACT + FAILURES + MITIGATIONS
