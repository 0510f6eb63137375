"""The CSV export of hypotheses and surveys: one row per respondent, question and option."""

from collections.abc import Iterator
from typing import NamedTuple

from panelsim.model.plan import HypothesisAssignment, Transcript
from panelsim.model.response import ChoiceAnswer, ChoicesAnswer, Response
from panelsim.reporting.csv import answer_cells, guarded, line_of, person_cells
from panelsim.reporting.exports import Origin, TextOf


class AnswerRow(NamedTuple):
    """One line. A closed question has one for each option that was shown; others have one."""

    simulated: str
    run_id: str
    study: str
    icp: str
    persona: str
    role: str
    respondent: str
    weight: str
    question: str
    """Id of the question, or of what was posed: `hypothesis`, `placebo-1`."""
    wording: str
    option: str
    """A choice as the question names it, a point of a scale, or `a`, `b`, `neither`."""
    slot: str
    """Place in which it was shown, from 1; empty where nothing was shown."""
    answer: str
    """`choice`, `choices`, `number`, `text` or `missing`."""
    share: str
    """Probability of the option; 1 and 0 for a plain pick."""
    value: str
    """The number."""
    text: str
    valid_mass: str
    missing_reason: str
    replicate: str
    call_key: str
    """Last call behind the answer."""


def answers_head() -> str:
    """The line of column names."""
    return line_of(AnswerRow._fields)


def answers_writer(origin: Origin) -> TextOf:
    """Every answer of a session; text that a spreadsheet would run gets a leading apostrophe."""
    person = person_cells(origin)

    def lines(transcript: Transcript) -> str:
        return "".join(
            line_of((*person(one.respondent), *cells))
            for one in transcript.responses
            for cells in _cells(transcript, one)
        )

    return lines


def _cells(transcript: Transcript, response: Response) -> Iterator[tuple[str, ...]]:
    """The cells from `question` on."""
    assignment = transcript.assignment
    named = assignment.posed if isinstance(assignment, HypothesisAssignment) else response.question
    said = answer_cells(response)
    key = response.call_keys[-1] if response.call_keys else ""
    text = guarded(said.text) if said.text else ""
    rest = (text, said.mass, said.why, str(response.replicate), key)
    head = (guarded(named), str(response.wording))
    match response.answer:
        case ChoiceAnswer() | ChoicesAnswer() as answer:
            for slot, option in enumerate(answer.options, start=1):
                share = f"{answer.share_of(option):.6g}"
                yield (*head, guarded(option), str(slot), said.answer, share, "", *rest)
        case _:
            yield (*head, "", "", said.answer, "", said.value, *rest)
