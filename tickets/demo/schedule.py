"""When the exchange of the demo desk took place, by the history of its tickets and by the ledger of its runs."""

from datetime import time

# When the cycle of a night applies what the external system has made of approved tickets.
NIGHTLY = time(2, 15, 3)
# When a manager uploads a file about tickets on which work has begun.
UPLOADS = time(15, 40)
