"""Canned texts: what managers often write, kept under a name and put into a reason at a keystroke."""
