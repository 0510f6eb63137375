"""The open question: an answer in the respondent's own words."""

import re
from typing import Literal

from panelsim.model.base import Frozen
from panelsim.model.call import Completion
from panelsim.model.response import Missing, TextAnswer
from panelsim.questions.form import Form, refused

_HEDGES = re.compile(
    r"\b(it depends|depends on|various|in general|generally|sometimes|many (things|factors|reasons)|"
    r"different (things|factors|reasons)|hard to say|not sure|i guess|kind of|sort of|and so on|etc|"
    r"do not have (any )?(specific )?information|don't have (any )?(specific )?information|as an ai)\b",
    re.IGNORECASE,
)
_SPECIFICS = re.compile(
    r"\d|%|\$|\b(for example|for instance|last (week|month|quarter|year)|because|when (we|i|our|the)|"
    r"such as|like when|monday|tuesday|wednesday|thursday|friday|january|february|march|april|may|june|july|"
    r"august|september|october|november|december)\b",
    re.IGNORECASE,
)
MIN_WORDS = 12
"""An interview answer below this many words is vague unless it holds something specific."""


class OpenQuestion(Frozen):
    """Asks for words."""

    kind: Literal["open"] = "open"
    id: str
    max_tokens: int = 60
    stop: tuple[str, ...] = ()

    @property
    def form(self) -> Form:
        """Free text of at most `max_tokens`."""
        return Form(max_tokens=self.max_tokens, stop=self.stop, spoken=True)

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        return "an answer in a sentence or two"

    def parse(self, said: Completion) -> TextAnswer | Missing:
        """The words said, without surrounding quotation marks; Missing if refused or if there are none."""
        if (missing := refused(said)) is not None:
            return missing
        text = said.text.strip()
        if len(text) > 1 and text[0] == text[-1] == '"':
            text = text[1:-1].strip()
        if not text:
            reason: Literal["cut_off", "unreadable"] = (
                "cut_off" if said.finish_reason == "length" else "unreadable"
            )
            return Missing(reason=reason, raw=said.text)
        return TextAnswer(text=text)


def is_vague(text: str) -> bool:
    """True if an interview answer calls for a probe: short or hedged, and with nothing specific in it.

    Specific means a figure, a time, a reason or an example. The rule is text only, so that a resumed
    interview takes the same turns.
    """
    if _SPECIFICS.search(text):
        return False
    return len(text.split()) < MIN_WORDS or _HEDGES.search(text) is not None
