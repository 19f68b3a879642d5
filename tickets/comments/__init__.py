"""What people say about a ticket. It is no action of the workflow: neither the ticket nor its history changes by it."""
