"""All that a ticket's words can mean here. One concept is one thing that a person would name as a reason.

Its weight is in levels: +1.0 moves a ticket one level up from MEDIUM.
"""

from triage.faults import FAULTS
from triage.impact import IMPACT
from triage.lowering import LOWERING

CONCEPTS = IMPACT + FAULTS + LOWERING
