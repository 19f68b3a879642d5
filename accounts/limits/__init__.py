"""How much of something one person may do in a minute.

counting.py   the counts, which all processes share
requests.py   requests of people who are signed in, by API and pages
throttle.py   the same as DRF asks for it
"""
