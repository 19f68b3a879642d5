"""Servers that stand in for what the product talks to: the external system, a language model, a mail server."""
