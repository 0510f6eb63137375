"""Grounding: notes cut into passages, found for a question, made safe to quote, and looked for in answers."""
