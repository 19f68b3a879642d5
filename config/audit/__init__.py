"""Proving that what is stored holds together: `manage.py audit`, and what it asks the apps."""
