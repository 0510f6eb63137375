"""What the service is sent, from its OpenAPI document: written by a program (tests/api/client_models.py)."""

from typing import Required, TypedDict


class Replay(TypedDict, total=False):
    """What to replay."""

    benchmark: Required[str]
    """Its id."""
    model: str
    """One of `recorded`, or `scripted/NAME`; empty: the benchmark's own, else the first."""
