"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from panelsim.client.wire import Answer


class Course(Answer):
    """What one course of a run takes."""

    calls: int
    """Calls to the model."""
    prompt_tokens: int
    """Tokens that are sent; four characters each."""
    completion_tokens: int
    """Tokens that are written."""
    cost_usd: float
    """US dollars."""
    seconds: float | None
    """On two cores; null for models that run elsewhere."""


class Estimate(Answer):
    """What a study will take."""

    sessions: int
    """Sessions of respondents."""
    low: Course
    """If respondents answer at once and briefly."""
    likely: Course
    """In between."""
    high: Course
    """If every one must be asked again and uses every token."""
    max_cost_usd: float
    """The cap of the request: the run stops before."""
    fits_cap: bool
    """Whether even the high course stays within the cap."""
