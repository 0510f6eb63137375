"""What a question needs of the call that asks it, and what every question makes of a refusal."""

from panelsim.model.base import Frozen
from panelsim.model.call import Completion
from panelsim.model.response import Missing


class Form(Frozen):
    """The shape of the answer a question wants."""

    max_tokens: int
    stop: tuple[str, ...] = ()
    top_logprobs: int = 0
    response_schema: str = ""
    spoken: bool = False
    """True for words, drawn at the study's temperature; a reading of a scale is taken at 0."""


def refused(said: Completion) -> Missing | None:
    """Missing if the model or its provider refused to answer."""
    if said.finish_reason in ("refusal", "content_filter"):
        return Missing(reason="refused", raw=said.text)
    return None
