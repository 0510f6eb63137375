"""The CSV export: one row per respondent, stimulus and measure, for a spreadsheet."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, assert_never

from panelsim.model.plan import Transcript
from panelsim.model.response import ChoiceAnswer, Missing, RatingAnswer, Response, TextAnswer
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
    """`rating`, `choice`, `text` or `missing`."""
    value: str
    """Expected scale point, or the probability of choosing this stimulus."""
    distribution: str
    """Probability of each scale point, separated by spaces."""
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
    return _line(Row._fields)


def csv_writer(origin: Origin) -> TextOf:
    """Every answer of a session; text that a spreadsheet would run gets a leading apostrophe."""
    texts = {name: guarded(stimulus.text) for name, stimulus in origin.stimuli.items()}

    def lines(transcript: Transcript) -> str:
        rows = (row for one in transcript.responses for row in _rows(origin, texts, one))
        return "".join(_line(row) for row in rows)

    return lines


class _Echo:
    """Gives back what is written to it."""

    def write(self, text: str) -> str:
        return text


_WRITER = csv.writer(_Echo(), lineterminator="\n")


def _line(cells: Iterable[str]) -> str:
    line: str = _WRITER.writerow(cells)
    return line


def guarded(text: str) -> str:
    """`text` on one line, with an apostrophe before a sign that starts a formula."""
    line = one_line(text)
    return f"'{line}" if line.startswith(FORMULA_STARTS) else line


def _rows(origin: Origin, texts: Mapping[str, str], response: Response) -> Iterator[Row]:
    person = origin.people[response.respondent]
    answer, value, distribution, mass, text, why = _answer(response)
    for slot, shown in enumerate(response.shown or ("",), start=1):
        stimulus = origin.stimuli.get(shown)
        others = [other for other in response.shown if other != shown]
        if isinstance(response.answer, ChoiceAnswer):
            value = f"{response.answer.share_of(shown):.6g}"
        yield Row(
            simulated="true",
            run_id=guarded(origin.run_id),
            study=origin.study,
            arm=person.arm,
            icp=guarded(person.icp),
            persona=guarded(person.persona),
            role=person.role,
            respondent=guarded(person.id),
            weight=f"{person.weight:.6g}",
            stimulus=shown,
            stimulus_role=stimulus.role if stimulus else "",
            stimulus_text=texts.get(shown, ""),
            measure=guarded(response.question),
            answer=answer,
            value=value,
            distribution=distribution,
            valid_mass=mass,
            text=guarded(text),
            missing_reason=why,
            against=" ".join(others),
            slot=str(slot) if others else "",
            wording=str(response.wording),
            replicate=str(response.replicate),
            call_key=response.call_keys[-1] if response.call_keys else "",
        )


class _Cells(NamedTuple):
    answer: str
    value: str = ""
    distribution: str = ""
    mass: str = ""
    text: str = ""
    why: str = ""


def _answer(response: Response) -> _Cells:
    match response.answer:
        case RatingAnswer() as rating:
            shares = " ".join(f"{share:.6g}" for share in rating.distribution)
            return _Cells("rating", f"{rating.value:.6g}", shares, f"{rating.valid_mass:.6g}")
        case ChoiceAnswer() as choice:
            return _Cells("choice", mass=f"{choice.valid_mass:.6g}")
        case TextAnswer() as text:
            return _Cells("text", text=text.text)
        case Missing() as missing:
            return _Cells("missing", text=missing.raw, why=missing.reason)
        case _:
            assert_never(response.answer)
