"""Passages of notes: cut, found for a question, made safe to quote, and looked for in answers."""
