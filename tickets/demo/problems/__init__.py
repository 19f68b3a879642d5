"""Problems for the demo desk, written by hand and grouped by theme."""

from tickets.demo.problems import access, commerce, data, finance, hardware, infrastructure, messaging, security, wishes
from tickets.demo.problems.problem import Problem

__all__ = ["PROBLEMS", "Problem"]

# Callers that need a mixed order shuffle with a seed of their own.
PROBLEMS: tuple[Problem, ...] = (
    *access.PROBLEMS,
    *messaging.PROBLEMS,
    *hardware.PROBLEMS,
    *infrastructure.PROBLEMS,
    *finance.PROBLEMS,
    *commerce.PROBLEMS,
    *data.PROBLEMS,
    *wishes.PROBLEMS,
    *security.PROBLEMS,
)
