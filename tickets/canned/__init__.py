"""Canned texts: what managers often write, kept under a name and put into a text at a keystroke."""
