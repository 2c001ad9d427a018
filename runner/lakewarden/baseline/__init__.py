"""Baselines: failures that a team knows of, and that don't gate while they are worked off."""
