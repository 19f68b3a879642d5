"""The proof of the record: a chain of hashes over history, what an audit compares, and seals kept elsewhere."""
