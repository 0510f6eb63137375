"""What the service is sent, from its OpenAPI document: written by a program (tests/api/client_models.py)."""

from typing import Required, TypedDict


class AskRequest(TypedDict, total=False):
    """A question to respondents of a run."""

    question: Required[str]
    """What they are asked."""
    to: str
    """Who is asked: `panel`, a respondent's id, a persona's or an ICP's id, or a segment as `persona:ID`,
    `icp:ID` or `role:NAME`."""
    respondents: int
    """How many of them at most; the first ones in the order of the panel, in which personas take turns."""
    max_cost_usd: float
    """The most that the answers may cost, in US dollars, beside what the run may cost."""
