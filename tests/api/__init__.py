"""The HTTP service, as its callers meet it."""
