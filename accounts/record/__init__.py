"""The record of people and settings: entries that are added, read, and in the end trimmed; docs/record.md.

acts.py         adding an entry, and who acts from where
sign_ins.py     who signed in and out, and failures in a row
downloads.py    tickets that leave the desk as a file
settings.py     settings that differ from the last start
wording.py      an entry in words, for the admin and as CSV
trimming.py     removing entries older than RECORD_KEEP_DAYS
"""
