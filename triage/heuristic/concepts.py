"""All that a ticket's words can mean here. One concept is one thing that a person would name as a reason.

Its weight is in levels: +1.0 moves a ticket one level up from MEDIUM.
"""

from triage.heuristic.failures import FAULTS
from triage.heuristic.impact import IMPACT
from triage.heuristic.mitigations import LOWERING

CONCEPTS = IMPACT + FAULTS + LOWERING
