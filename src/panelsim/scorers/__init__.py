"""Scorers: scripts that give a response a rating from its words."""
