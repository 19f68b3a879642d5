"""Deciding on one draft after the other: which are dealt to a manager, in what order, and who looks at which."""
