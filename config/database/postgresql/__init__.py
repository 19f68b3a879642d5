"""Django's backend for PostgreSQL, with connections that are known to answer when they are taken."""
