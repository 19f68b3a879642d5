"""Asking the author of a draft something without deciding on it."""
