"""Transcripts made while they are iterated, for runs too large to hold."""

from collections.abc import Iterator
from dataclasses import dataclass

from panelsim.model.panel import CompanyFacts, Decision, Hexaco, Panel, Respondent
from panelsim.model.plan import MonadicAssignment, Plan, Transcript, Turn
from panelsim.model.response import RatingAnswer, Response, TextAnswer
from panelsim.model.study import Controls, Design, MessageTest, Stimulus
from panelsim.planning.plan import plan_study

STUDY = MessageTest(
    id="large",
    stimuli=(Stimulus(id="a", text="Know which deals slip"), Stimulus(id="b", text="Forecast in minutes")),
    measures=("relevance",),
    design=Design(paired=False),
    controls=Controls(anti_icp=False),
)
COMPANY = CompanyFacts(industry="Software", headcount=200, region="Europe")
TRAITS, DECISION = Hexaco(), Decision()
RATINGS = tuple(
    RatingAnswer(distribution=tuple(0.9 if point == high else 0.025 for point in range(5)), valid_mass=0.97)
    for high in range(5)
)
"""By the point that is likely."""
LIKELY = {"a": 3, "b": 2, "control-duplicate": 3, "control-decoy": 0, "control-shuffled": 1}


@dataclass(frozen=True)
class Run:
    """A message test of `n` respondents; what is iterated is made anew each time."""

    panel: Panel
    plan: Plan

    def __iter__(self) -> Iterator[Transcript]:
        for place, assignment in enumerate(self.plan):
            if isinstance(assignment, MonadicAssignment):
                yield _session(assignment, place)


def run_of(n: int) -> Run:
    """A run of five sessions a respondent."""
    people = tuple(_person(place) for place in range(n))
    panel = Panel(id="large", seed=7, respondents=people)
    return Run(panel, plan_study(STUDY, panel, ("Synergy, leveraged",)))


def _person(place: int) -> Respondent:
    return Respondent(
        id=f"p{place % 3}-{place:06d}",
        persona=f"p{place % 3}",
        icp="icp",
        role="user",
        name=f"Buyer {place}",
        title="Buyer",
        company=COMPANY,
        traits=TRAITS,
        decision=DECISION,
        in_market=True,
        weight=1 + place % 2,
    )


def _session(assignment: MonadicAssignment, place: int) -> Transcript:
    shown, key = (assignment.stimulus,), f"call1:{place:064d}"
    likely = min(4, LIKELY[assignment.stimulus] + place * 7919 % 3 % 2)
    said = f"Session {place}: {assignment.stimulus} says little to me."
    rated = Response(
        respondent=assignment.respondent,
        question="relevance",
        shown=shown,
        answer=RATINGS[likely],
        call_keys=(key,),
        wording=assignment.wording,
    )
    words = rated.model_copy(update={"question": "reaction", "answer": TextAnswer(text=said)})
    return Transcript(
        assignment=assignment,
        turns=(
            Turn(speaker="interviewer", text=f"You meet the headline {assignment.stimulus}. " * 4),
            Turn(speaker="respondent", text=said, call_key=key),
        ),
        responses=(words, rated) if assignment.open_questions else (rated,),
    )
