"""A small run written by hand in tests/golden, and all that is said of it."""

from pathlib import Path

import pytest
from pydantic import JsonValue, TypeAdapter

from panelsim.analysis import analyse
from panelsim.model.analysis import Analysis
from panelsim.model.base import Frozen
from panelsim.model.panel import Arm, Panel, Respondent
from panelsim.model.plan import MonadicAssignment, PairedAssignment, Transcript
from panelsim.model.response import Answer, ChoiceAnswer, Missing, Response, TextAnswer
from panelsim.model.study import Design, MessageTest, Stimulus
from tests.builders import listed
from tests.core import simulated
from tests.core.simulated import rating_answer

GOLDEN = Path(__file__).parents[1] / "golden"
PERSONAS = ("vp", "vp", "ops", "ops", "rep", "rep")


class SmallRun(Frozen):
    """Ratings by stimulus and respondent (null is refused); shares of the first named by order."""

    desc: tuple[str, ...]
    ratings: dict[str, tuple[float | None, ...]]
    anti: dict[str, tuple[float, ...]]
    pairs: dict[str, tuple[tuple[float, float], ...]]
    reactions: dict[str, tuple[str, ...]]


RUN = TypeAdapter(SmallRun).validate_json((GOLDEN / "analysis_small.input.json").read_bytes())
STIMULI = (
    Stimulus(id="a", text="Know which deals slip"),
    Stimulus(id="b", text="Forecast in minutes"),
    Stimulus(id="a.copy", text="Know which deals slip", role="duplicate", of="a"),
    Stimulus(id="decoy", text="Synergy, leveraged", role="decoy"),
    Stimulus(id="a.mixed", text="slip deals which Know", role="shuffled", of="a"),
)


def people() -> tuple[Respondent, ...]:
    def one(persona: str, place: int, arm: Arm) -> Respondent:
        like = simulated.simulate(simulated.World(n=2)).panel.respondents[0]
        changed = {"id": f"{persona}-{place}", "persona": persona, "arm": arm, "icp": f"{arm}-icp"}
        return like.model_copy(update=changed)

    target = tuple(one(persona, place, "target") for place, persona in enumerate(PERSONAS))
    return target + tuple(one("clerk", place, "anti") for place in range(3))


def sessions() -> tuple[Transcript, ...]:
    everyone = people()
    found: list[Transcript] = []
    for stimulus, values in RUN.ratings.items():
        texts = RUN.reactions.get(stimulus, ())
        for place, value in enumerate(values):
            found.append(monadic(everyone[place], stimulus, value, place, texts[place] if texts else ""))
    for stimulus, given in RUN.anti.items():
        found += [
            monadic(everyone[6 + place], stimulus, value, place, "") for place, value in enumerate(given)
        ]
    for names, orders in RUN.pairs.items():
        first, second = names.split("/")
        for place, (shown_first, shown_second) in enumerate(orders):
            found.append(paired(everyone[place], (first, second), (shown_first, 1 - shown_first)))
            found.append(paired(everyone[place], (second, first), (1 - shown_second, shown_second)))
    return tuple(found)


def monadic(one: Respondent, stimulus: str, value: float | None, place: int, text: str) -> Transcript:
    answer: Answer | Missing = Missing(reason="refused", raw="No.") if value is None else rating_answer(value)
    answers: list[tuple[str, Answer | Missing]] = [("relevance", answer)]
    if text:
        answers.insert(0, ("reaction", TextAnswer(text=text)))
    wording = (place % 2 + (stimulus == "a.copy")) % 3
    return Transcript(
        assignment=MonadicAssignment(
            respondent=one.id,
            stimulus=stimulus,
            measures=("relevance",),
            open_questions=bool(text),
            wording=wording,
        ),
        turns=(),
        responses=tuple(
            Response(
                respondent=one.id,
                question=question,
                shown=(stimulus,),
                answer=given,
                call_keys=(f"call1:{one.id}/{stimulus}/{question}",),
                wording=wording,
            )
            for question, given in answers
        ),
    )


def paired(one: Respondent, shown: tuple[str, str], shares: tuple[float, float]) -> Transcript:
    return Transcript(
        assignment=PairedAssignment(respondent=one.id, first=shown[0], second=shown[1], wording=0),
        turns=(),
        responses=(
            Response(
                respondent=one.id,
                question="preference",
                shown=shown,
                answer=ChoiceAnswer(options=shown, shares=shares),
                call_keys=(f"call1:{one.id}/{shown[0]}/{shown[1]}",),
            ),
        ),
    )


def analysed() -> Analysis:
    transcripts = sessions()
    study = MessageTest(
        id="small", n=6, stimuli=STIMULI[:2], measures=("relevance",), design=Design(), seed=7
    )
    plan = listed(STIMULI, (one.assignment for one in transcripts))
    return analyse(study, Panel(id="small", seed=7, respondents=people()), plan, transcripts)


def test_the_analysis_of_the_small_run_is_the_golden_one() -> None:
    expected = TypeAdapter(JsonValue).validate_json((GOLDEN / "analysis_small.expected.json").read_bytes())
    same(analysed().model_dump(mode="json"), expected, "analysis")


def same(found: JsonValue, expected: JsonValue, where: str) -> None:
    """Equal, numbers to the last rounded decimal."""
    if isinstance(expected, dict):
        assert isinstance(found, dict), where
        assert list(found) == list(expected), where
        for name, value in expected.items():
            same(found[name], value, f"{where}.{name}")
    elif isinstance(expected, list):
        assert isinstance(found, list), where
        assert len(found) == len(expected), where
        for place, value in enumerate(expected):
            same(found[place], value, f"{where}[{place}]")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, abs=2e-6), where
    else:
        assert found == expected, where


def test_the_figures_of_the_small_run_by_hand() -> None:
    found = analysed()
    values = {cell.stimulus: cell.estimate.value for cell in found.cells if cell.estimate is not None}
    # a: (4.2 + 3.8 + 4.0 + 3.6 + 4.4 + 4.0) / 6 = 4; b: (3.0 + 3.2 + 3.4 + 2.8 + 3.6) / 5, one refused
    assert values == {"a": 4.0, "b": 3.2, "a.copy": 3.95, "decoy": 1.8, "a.mixed": 2.2}
    by_measure = {contrast.measure: contrast for contrast in found.contrasts}
    # Within the five who rated both: (1.2 + .6 + .6 + .8 + 1.2) / 5
    assert by_measure["relevance"].difference.value == pytest.approx(0.88)
    # Shares of a over both orders: .8 .7 .9 .6 .5 .7, mean .7
    assert by_measure["preference"].difference.value == pytest.approx(0.2)
    # .5 - .5 = 0 flips nothing, the other five all lean to a: 4 of 64 patterns are as far
    assert by_measure["preference"].p == 0.0625
    assert found.preference is not None
    assert found.preference.order_consistency is not None
    # 1 - .2, 1 - 0, 1 - 0, 1 - .1, 1 - 1 (the fifth follows the slot), 1 - .2
    assert found.preference.order_consistency.value == pytest.approx(4.5 / 6)
    assert found.quality.missing_reasons == (("refused", 1),)
    # 12 reactions, 30 ratings, 6 anti ratings, 24 choices
    assert found.quality.asked == 72
