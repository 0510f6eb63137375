"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from panelsim.client.wire import Answer


class Health(Answer):
    """The process answers."""

    status: str = "ok"
    """Always this: a dead process answers nothing."""
    version: str
    """Of panelsim."""


class Readiness(Answer):
    """The store answers too."""

    status: str = "ready"
    """Work can be taken."""
    store: str = "reached"
    """The store was read just now."""
