"""The nouns: frozen pydantic models with no behaviour but validation."""
