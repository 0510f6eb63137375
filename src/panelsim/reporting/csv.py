"""The CSV export: one row per respondent, stimulus and measure, for a spreadsheet."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple, assert_never

from panelsim.model.committee import STANCES
from panelsim.model.plan import STANCE, SWAPPED, Transcript
from panelsim.model.response import (
    ChoiceAnswer,
    ChoicesAnswer,
    Missing,
    NumberAnswer,
    RatingAnswer,
    Response,
    TextAnswer,
)
from panelsim.reporting.exports import Origin, TextOf
from panelsim.reporting.words import one_line


class Row(NamedTuple):
    """One line. `answer` says which kind it is; cells that have no meaning for that kind are empty."""

    simulated: str
    run_id: str
    study: str
    arm: str
    icp: str
    persona: str
    role: str
    respondent: str
    weight: str
    stimulus: str
    stimulus_role: str
    stimulus_text: str
    measure: str
    answer: str
    """`rating`, `choice`, `stance`, `text` or `missing`."""
    value: str
    """Expected scale point, the probability of choosing this stimulus, or that of a yes to it."""
    distribution: str
    """Probability of each scale point, or of yes, no and cannot say, separated by spaces."""
    valid_mass: str
    text: str
    missing_reason: str
    against: str
    """The other stimuli of a comparison."""
    slot: str
    """Place of this stimulus in a comparison, from 1."""
    wording: str
    replicate: str
    call_key: str
    """Last call behind the answer."""


FORMULA_STARTS = ("=", "+", "-", "@")


def csv_head() -> str:
    """The line of column names."""
    return line_of(Row._fields)


def csv_writer(origin: Origin) -> TextOf:
    """Every answer of a session; text that a spreadsheet would run gets a leading apostrophe."""
    stimuli = {one.id: (one.id, one.role, guarded(one.shown)) for one in origin.stimuli.values()}
    person = person_cells(origin, with_arm=True)

    def lines(transcript: Transcript) -> str:
        return "".join(
            line_of((*person(one.respondent), *cells))
            for one in transcript.responses
            for cells in _cells(stimuli, one)
        )

    return lines


def person_cells(origin: Origin, *, with_arm: bool = False) -> Callable[[str], tuple[str, ...]]:
    """The cells from `simulated` to `weight` of a line, from the respondent's id."""
    run = ("true", guarded(origin.run_id), origin.study)

    @lru_cache(maxsize=16)  # a respondent's sessions stand together
    def person(name: str) -> tuple[str, ...]:
        one = origin.people[name]
        arm = (one.arm,) if with_arm else ()
        who = (guarded(one.icp), guarded(one.persona), one.role, guarded(one.id))
        return (*run, *arm, *who, f"{one.weight:.6g}")

    return person


class _Echo:
    """Gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), lineterminator="\n")


def line_of(cells: Iterable[str]) -> str:
    """The cells as one line of CSV; texts must be guarded before."""
    line: str = _WRITER.writerow(cells)
    return line


def guarded(text: str) -> str:
    """`text` on one line, with an apostrophe before a sign that starts a formula."""
    line = one_line(text)
    return f"'{line}" if line.startswith(FORMULA_STARTS) else line


def _cells(stimuli: Mapping[str, tuple[str, ...]], response: Response) -> Iterator[tuple[str, ...]]:
    """The cells of a `Row` from `stimulus` on, for each stimulus that was shown."""
    answer, value, distribution, mass, text, why = answer_cells(response)
    measure, said = guarded(response.question), guarded(text) if text else ""
    asked = str(response.wording), str(response.replicate)
    key = response.call_keys[-1] if response.call_keys else ""
    for slot, shown in enumerate(response.shown or ("",), start=1):
        others = [other for other in response.shown if other != shown]
        if isinstance(response.answer, ChoiceAnswer):
            option = shown if shown in response.answer.options else STANCES[0]
            value = f"{response.answer.share_of(option):.6g}"
        read = measure, answer, value, distribution, mass, said, why
        slots = " ".join(others), str(slot) if others else ""
        yield (*stimuli.get(shown, (shown, "", "")), *read, *slots, *asked, key)


class AnswerCells(NamedTuple):
    """The cells that say what was answered."""

    answer: str
    value: str = ""
    distribution: str = ""
    mass: str = ""
    text: str = ""
    why: str = ""


def answer_cells(response: Response) -> AnswerCells:
    """What was answered, or why nothing was."""
    match response.answer:
        case RatingAnswer() as rating:
            shares = " ".join(f"{share:.6g}" for share in rating.distribution)
            return AnswerCells("rating", f"{rating.value:.6g}", shares, f"{rating.valid_mass:.6g}")
        case ChoiceAnswer() as choice if response.question in (STANCE, SWAPPED):
            shares = " ".join(f"{choice.share_of(stance):.6g}" for stance in STANCES)
            return AnswerCells("stance", distribution=shares, mass=f"{choice.valid_mass:.6g}")
        case ChoiceAnswer() as choice:
            return AnswerCells("choice", mass=f"{choice.valid_mass:.6g}")
        case ChoicesAnswer() as some:
            pairs = zip(some.options, some.shares, strict=True)
            shares = "; ".join(f"{option}={share:.6g}" for option, share in pairs)
            return AnswerCells("choices", distribution=shares, mass=f"{some.valid_mass:.6g}")
        case NumberAnswer() as number:
            return AnswerCells("number", f"{number.value:.6g}")
        case TextAnswer() as text:
            return AnswerCells("text", text=text.text)
        case Missing() as missing:
            return AnswerCells("missing", text=missing.raw, why=missing.reason)
        case _:
            assert_never(response.answer)
