"""Following tickets: who hears of what happens to one, and why."""
