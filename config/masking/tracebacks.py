"""What is logged in one line although Django would log where in the code it was noticed."""

from __future__ import annotations

import logging
from copy import copy

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http.multipartparser import MultiPartParserError

# What strangers have sent is wrong, and no code of ours: where it was noticed says nothing, and anybody could fill the
# log with it.
FAULTS_OF_STRANGERS = (SuspiciousOperation, BadRequest, MultiPartParserError)


class OneLineForStrangers(logging.Filter):
    """Takes the traceback off records of FAULTS_OF_STRANGERS, and puts what was wrong into their one line."""

    def filter(self, record: logging.LogRecord) -> bool | logging.LogRecord:
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, FAULTS_OF_STRANGERS):
            return True
        said = record.getMessage()
        if str(error) not in said:
            said = f"{said} ({error})"
        short = copy(record)  # other handlers, such as those of tests, get the record as it was
        short.msg, short.args = " ".join(said.split()), None  # what strangers send may hold line breaks
        short.exc_info = short.exc_text = None
        return short
