"""Execution: scripts driven against providers, or replayed against the store."""
