"""Use cases and wiring: what the command line, an API or a notebook call."""
