"""The CSV export: one row per respondent, stimulus and measure, for a spreadsheet."""

import csv
import io
from collections.abc import Iterator, Mapping
from typing import NamedTuple, assert_never

from panelsim.model.panel import Respondent
from panelsim.model.report import Report, Respondents, Transcripts
from panelsim.model.response import ChoiceAnswer, Missing, RatingAnswer, Response, TextAnswer
from panelsim.model.study import Stimulus
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


def render_csv(report: Report) -> str:
    """Every answer of every transcript; text that a spreadsheet would run gets a leading apostrophe."""
    people = {
        person.id: person
        for section in report.record
        if isinstance(section, Respondents)
        for person in section.respondents
    }
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Row._fields)
    for section in report.record:
        if isinstance(section, Transcripts):
            for transcript in section.transcripts:
                for response in transcript.responses:
                    writer.writerows(_rows(report, people[response.respondent], response))
    return out.getvalue()


def guarded(text: str) -> str:
    """`text` on one line, with an apostrophe before a sign that starts a formula."""
    line = one_line(text)
    return f"'{line}" if line.startswith(FORMULA_STARTS) else line


def _rows(report: Report, person: Respondent, response: Response) -> Iterator[Row]:
    stimuli: Mapping[str, Stimulus] = {stimulus.id: stimulus for stimulus in report.stimuli}
    answer, value, distribution, mass, text, why = _answer(response)
    for slot, shown in enumerate(response.shown or ("",), start=1):
        stimulus = stimuli.get(shown)
        others = [other for other in response.shown if other != shown]
        if isinstance(response.answer, ChoiceAnswer):
            value = f"{response.answer.share_of(shown):.6g}"
        yield Row(
            simulated="true",
            run_id=guarded(report.run_id),
            study=report.study,
            arm=person.arm,
            icp=guarded(person.icp),
            persona=guarded(person.persona),
            role=person.role,
            respondent=guarded(person.id),
            weight=f"{person.weight:.6g}",
            stimulus=shown,
            stimulus_role=stimulus.role if stimulus else "",
            stimulus_text=guarded(stimulus.text) if stimulus else "",
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
