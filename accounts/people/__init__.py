"""Finding people, and what anybody who is signed in may know of them: `GET /people`."""
