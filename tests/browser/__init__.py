"""The desk in a real browser: everybody's day, every page and state, and pictures of them."""
