"""What stands in place of a text that was removed where the law asked for it."""

REMOVED = "(removed)"
