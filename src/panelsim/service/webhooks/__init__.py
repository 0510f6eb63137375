"""Webhooks: where they may go, how they are signed, and sending them until they have arrived."""
