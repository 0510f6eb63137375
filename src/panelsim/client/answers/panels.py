"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from pydantic import JsonValue

from panelsim.client.wire import Answer


class PersonaShare(Answer):
    """How much of a panel one persona makes up; YAML may write the persona alone."""

    persona: str
    """Id of a persona, or path of its file."""
    weight: float = 1.0
    """Relative to the panel's other personas."""
    min: int | None = None
    """Fewest respondents; absent: no quota."""
    max: int | None = None
    """Most respondents; absent: no quota."""
    min_share: float | None = None
    """Smallest share of the panel; absent: no quota."""
    max_share: float | None = None
    """Largest share of the panel; absent: no quota."""


class PanelSpec(Answer):
    """What a panel is drawn from."""

    id: str
    """Names it in studies."""
    title: str = ""
    """In words."""
    version: int = 1
    """Raised with every change."""
    icps: tuple[str, ...]
    """Ids of ICPs, or paths of their files."""
    personas: tuple[PersonaShare, ...]
    """Who is asked, and in which shares."""
    anti_icps: tuple[str, ...] | None = None
    """ICPs of negative polarity, from which the control arm is drawn; empty: no such arm."""
    anti_personas: tuple[PersonaShare, ...] | None = None
    """Who is asked in the control arm."""
    n: int = 24
    """Respondents if the study does not say."""
    seed: int = 7
    """Draws the same respondents again if the study does not say."""
    facets: bool = False
    """Whether every respondent carries the 24 facets; those of a persona that states a facet always do."""
    review_due: str | None = None
    """When the panel is to be read again; absent: never set."""


class PanelView(Answer):
    """A panel in full."""

    id: str
    """Names it in studies and in other profiles."""
    object: str
    """What this is."""
    title: str
    """In words."""
    source: str
    """`own`: your account's; `shipped`: the server's. An own one stands in for a shipped one of the same id,
    also where shipped profiles name it."""
    version: int
    """1 when it is made, one more with each change; of shipped ones, what their file says."""
    content: str
    """Hash of its meaning: equal if and only if nothing that matters differs."""
    created_at: str | None
    """When this version was made, UTC; null for shipped ones."""
    fault: str
    """Why it can no longer be read, as when a parent was changed; empty if it can."""
    given: JsonValue
    """The fields as they were given: change these and PUT them."""
    profile: PanelSpec | None
    """As panelsim reads it; null if it can no longer be read."""
