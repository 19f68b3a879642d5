"""Mailing people what they are told of.

What has to be mailed are the rows of Told that have a time for it; there is no second list of mails.

claiming.py      which mail is next, and keeping others from sending it too
composing.py     the mail itself, in text and HTML
pictures.py      the HTML of comments, as mail programs can show it
sending.py       rounds that send what is due, and what becomes of a mail that cannot be sent
tasks.py         rounds as tasks of the worker, and when the next one is
leaving.py       links in mails by which one hears no more of a ticket
"""
