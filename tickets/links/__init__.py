"""Links between tickets: one duplicates another, follows up on it, or has to do with it. They change neither ticket."""
