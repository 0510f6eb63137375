"""HEXACO traits: levels in words, and draws around a persona."""
