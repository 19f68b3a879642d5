"""Django's backend for SQLite, where whoever has waited long for the write lock is the likeliest to get it."""
