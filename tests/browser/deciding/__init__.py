"""Scenes of what managers do to decide."""
