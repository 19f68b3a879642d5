"""How the suite runs, and the tests of what crosses the apps."""
