"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from panelsim.client.wire import Answer


class Gate(Answer):
    """What must hold of a figure. Never a blend of several."""

    figure: str
    """The figure that it holds for."""
    at_least: float | None = None
    """The value must not be below."""
    at_most: float | None = None
    """The value must not be above."""
    low_at_least: float | None = None
    """The low end of the interval must not be below."""
    high_at_most: float | None = None
    """The high end of the interval must not be above."""
    why: str = ""
    """Where the threshold comes from."""


class EvaluationView(Answer):
    """A benchmark."""

    id: str
    """Names it."""
    object: str = "evaluation"
    """What this is."""
    version: int
    """Of its texts and gates."""
    title: str
    """In words."""
    question: str
    """What it answers."""
    gates: tuple[Gate, ...]
    """What must hold of which figure, and why."""
    model: str
    """The model it is run on by default."""
    recorded: tuple[str, ...]
    """Models whose recordings ship: it can be replayed with these."""
    needs: str
    """Answers of people that it needs and that do not ship; empty if none."""
    has_data: bool
    """Whether those are on the server; true if none are needed."""
