"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from panelsim.client.wire import Answer


class ModelView(Answer):
    """A model that studies may name."""

    name: str
    """PROVIDER/NAME; `*` stands for any name that the provider knows."""
    kind: str
    """`chat` speaks for respondents; `embedding` reads texts."""
    title: str
    """In words."""
    is_here: bool | None
    """Whether the server can ask it now; null: not known before it is asked."""
    is_free: bool
    """Whether asking costs nothing."""
    tried: bool
    """Whether it was run and measured with panelsim."""
    good_for: str
    """What was measured, in a sentence."""
    licence: str
    """Of its file; empty if there is none."""
    bytes: int | None
    """Of its file; null if not known or none."""


class MeasureView(Answer):
    """What a text can be rated on."""

    id: str
    """Give it among `measures` of a message test."""
    version: int
    """Of its wordings."""
    label: str
    """In words."""
    points: int
    """Of the scale."""
    low: str
    """What 1 means."""
    high: str
    """What the highest point means."""
    question: str
    """The first of its wordings, as put to the buyer."""
