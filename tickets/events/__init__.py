"""What happened to all tickets, in one order in which nothing ever appears behind a reader: `GET /events`."""
