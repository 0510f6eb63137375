"""The choice question: which of the shown options. The only place where a letter becomes an option."""

import math
import re
from string import ascii_uppercase
from typing import Literal

from pydantic import JsonValue

from panelsim.keys import canonical_json
from panelsim.model.base import Frozen
from panelsim.model.call import Completion
from panelsim.model.response import ChoiceAnswer, Missing
from panelsim.questions.form import Form, refused
from panelsim.questions.tokens import MIN_MASS, label_masses

_LONE_LETTER = re.compile(r"\W*(?:(?:[Oo]ption|[Aa]nswer|[Cc]hoice|[Vv]ersion|[Hh]eadline)\W+)*([A-Z])\W*")
"""A letter said alone or with its noun: in "A bit of both" it is an article, not an answer."""


class _ChoiceBase(Frozen):
    id: str
    options: tuple[str, ...]
    """Option ids in the order of their slots: the first is shown as A."""

    @property
    def letters(self) -> tuple[str, ...]:
        """The slots' letters."""
        return tuple(ascii_uppercase[: len(self.options)])

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        return f"one letter ({' or '.join(self.letters)}) and nothing else"

    def _picked(self, letter: str) -> ChoiceAnswer:
        return ChoiceAnswer(
            options=self.options, shares=tuple(float(slot == letter) for slot in self.letters)
        )


class LogprobChoice(_ChoiceBase):
    """One letter, read as probabilities of the options."""

    kind: Literal["choice_logprob"] = "choice_logprob"

    @property
    def form(self) -> Form:
        """One token with its 20 likeliest alternatives."""
        return Form(max_tokens=1, top_logprobs=20)

    def parse(self, said: Completion) -> ChoiceAnswer | Missing:
        """P(option) proportional to the mass of its slot's letter."""
        if (missing := refused(said)) is not None:
            return missing
        if not said.logprobs:
            return Missing(reason="no_logprobs", raw=said.text)
        masses = label_masses(said.logprobs[0], self.letters)
        total = math.fsum(masses)
        if total < MIN_MASS:
            return Missing(reason="low_mass", raw=said.text)
        shares = tuple(mass / total for mass in masses)
        return ChoiceAnswer(options=self.options, shares=shares, valid_mass=min(1.0, total))


class DirectChoice(_ChoiceBase):
    """One letter, said outright."""

    kind: Literal["choice_direct"] = "choice_direct"

    @property
    def form(self) -> Form:
        """A JSON object with one letter."""
        choice: JsonValue = {"type": "string", "enum": list(self.letters)}
        schema: JsonValue = {
            "type": "object",
            "properties": {"choice": choice},
            "required": ["choice"],
            "additionalProperties": False,
        }
        return Form(max_tokens=24, response_schema=canonical_json(schema))

    @property
    def expected(self) -> str:
        """What a readable answer is, for the re-ask."""
        return f'a JSON object such as {{"choice": "A"}} with one of {", ".join(self.letters)}'

    def parse(self, said: Completion) -> ChoiceAnswer | Missing:
        """The option whose letter was said; two letters, another letter or a long text is Missing."""
        if (missing := refused(said)) is not None:
            return missing
        text = re.sub(r'^\s*\{\s*"choice"\s*:\s*"([^"]*)"\s*\}\s*$', r"\1", said.text).strip()
        found = _LONE_LETTER.fullmatch(text)
        if found is None or found[1] not in self.letters:
            cut_off = said.finish_reason == "length"
            return Missing(reason="cut_off" if cut_off else "unreadable", raw=said.text)
        return self._picked(found[1])
