"""Recording: what models said, kept in files and played back with no network and no model."""
