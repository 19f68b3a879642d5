"""Files on their way to a ticket: how they come in, and where they wait for a form that is not sent yet."""
