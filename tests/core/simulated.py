"""Simulated buyers with known opinions: what a run would hold if the truth were this."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from panelsim.metrics.arrays import Floats
from panelsim.model.panel import Arm, CompanyFacts, Decision, Hexaco, Panel, Respondent
from panelsim.model.plan import Assignment, MonadicAssignment, PairedAssignment, Plan, Transcript
from panelsim.model.response import Answer, ChoiceAnswer, Missing, RatingAnswer, Response
from panelsim.model.study import Controls, DecisionRule, Design, MessageTest, Stimulus
from tests.builders import listed

MEASURE = "relevance"
COMPANY = CompanyFacts(industry="Software", headcount=200, region="Europe")


@dataclass(frozen=True)
class World:
    """What the simulated buyers think."""

    worth: dict[str, float] = field(default_factory=lambda: {"a": 3.2, "b": 3.2})
    """Mean rating of each variant, in scale points; their copies share it."""
    decoy: float = 2.0
    shuffled: float = 2.2
    anti: float = -0.8
    """What an anti-ICP buyer adds to every rating."""
    by_persona: dict[tuple[str, str], float] = field(default_factory=dict)
    """(persona, variant): what this persona adds."""
    taste: float = 0.35
    """SD of a respondent's own liking for a stimulus, shared by ratings and pairs."""
    noise: float = 0.25
    """SD of a single rating around that liking."""
    slot: float = 0.0
    """Pull of the first slot, in the same units as liking."""
    always_first: bool = False
    missing: float = 0.0
    """Share of answers missing."""
    valid_mass: float = 1.0
    n: int = 24
    personas: int = 3
    paired: bool = True
    monadic: bool = True
    controls: Controls = field(default_factory=Controls)


@dataclass(frozen=True)
class Run:
    """All that `analyse` takes."""

    study: MessageTest
    panel: Panel
    plan: Plan
    transcripts: tuple[Transcript, ...]


def simulate(world: World, seed: int = 1) -> Run:
    """A run in that world; the same seed gives the same run."""
    rng = np.random.Generator(np.random.PCG64(seed))
    variants = tuple(Stimulus(id=name, text=f"Headline {name}") for name in world.worth)
    first = variants[0]
    controls = (
        Stimulus(id="copy", text=first.text, role="duplicate", of=first.id),
        Stimulus(id="decoy", text="Solutions for solutions", role="decoy"),
        Stimulus(id="mixed", text="a Headline", role="shuffled", of=first.id),
    )
    study = MessageTest(
        id="simulated",
        n=world.n,
        stimuli=variants,
        measures=(MEASURE,),
        design=Design(paired=world.paired, monadic=world.monadic),
        controls=world.controls,
        rule=DecisionRule(measure=MEASURE),
        seed=seed,
    )
    people = [*_people("target", world.n, world.personas), *_people("anti", world.n // 2, 1)]
    sessions = [
        session
        for place, one in enumerate(people)
        for session in _sessions(world, one, place, study, controls, rng)
    ]
    plan = listed((*variants, *controls), (one.assignment for one in sessions))
    return Run(study, Panel(id="simulated", seed=seed, respondents=tuple(people)), plan, tuple(sessions))


def _people(arm: Arm, count: int, personas: int) -> Iterator[Respondent]:
    for place in range(count):
        persona = f"{arm}-{place % personas}"
        yield Respondent(
            id=f"{persona}-{place // personas:02d}",
            persona=persona,
            icp="icp" if arm == "target" else "anti-icp",
            arm=arm,
            role="economic" if place % personas == 0 else "user",
            name=f"Buyer {place}",
            title="Buyer",
            company=COMPANY,
            traits=Hexaco(),
            decision=Decision(),
            in_market=True,
        )


def _sessions(
    world: World,
    one: Respondent,
    place: int,
    study: MessageTest,
    controls: tuple[Stimulus, ...],
    rng: np.random.Generator,
) -> Iterator[Transcript]:
    liking = _liking(world, one, rng)
    shown = [*study.stimuli, *(controls if one.arm == "target" else ())]
    turn = place // world.personas
    if world.monadic:
        for stimulus in shown:
            wording = (turn + (1 if stimulus.role == "duplicate" else 0)) % 3
            assignment = MonadicAssignment(
                respondent=one.id,
                stimulus=stimulus.id,
                measures=(MEASURE,),
                open_questions=False,
                wording=wording,
            )
            rating = liking[stimulus.id] + world.noise * float(rng.standard_normal())
            yield _session(
                world, assignment, (stimulus.id,), MEASURE, rating_answer(rating, world.valid_mass), rng
            )
    if not world.paired or one.arm == "anti":
        return
    names = [stimulus.id for stimulus in study.stimuli]
    for a, b in [*combinations(names, 2), (names[0], "decoy"), (names[0], "copy")]:
        for shown_pair in ((a, b), (b, a)):
            assignment_pair = PairedAssignment(
                respondent=one.id, first=shown_pair[0], second=shown_pair[1], wording=0
            )
            answer = _choice(world, liking, shown_pair)
            yield _session(world, assignment_pair, shown_pair, "preference", answer, rng)


def _liking(world: World, one: Respondent, rng: np.random.Generator) -> dict[str, float]:
    base = world.anti if one.arm == "anti" else 0.0
    liking = {
        name: base
        + worth
        + world.by_persona.get((one.persona, name), 0.0)
        + world.taste * float(rng.standard_normal())
        for name, worth in world.worth.items()
    }
    first = next(iter(world.worth))
    return {
        **liking,
        "copy": liking[first],
        "decoy": base + world.decoy + world.taste * float(rng.standard_normal()),
        "mixed": base + world.shuffled + world.taste * float(rng.standard_normal()),
    }


def rating_answer(value: float, valid_mass: float = 1.0) -> RatingAnswer:
    """A rating whose expected point is `value`, on the two points around it."""
    inside = min(5.0, max(1.0, value))
    point = min(4, int(inside))
    shares = [0.0] * 5
    shares[point - 1], shares[point] = 1 - (inside - point), inside - point
    return RatingAnswer(distribution=tuple(shares), valid_mass=valid_mass)


def _choice(world: World, liking: dict[str, float], shown: tuple[str, str]) -> ChoiceAnswer:
    lead = liking[shown[0]] - liking[shown[1]] + world.slot
    share = 1.0 if world.always_first else 1 / (1 + float(np.exp(-3 * lead)))
    return ChoiceAnswer(options=shown, shares=(share, 1 - share), valid_mass=world.valid_mass)


def _session(
    world: World,
    assignment: Assignment,
    shown: tuple[str, ...],
    question: str,
    answer: Answer,
    rng: np.random.Generator,
) -> Transcript:
    lost = float(rng.random()) < world.missing
    response = Response(
        respondent=assignment.respondent,
        question=question,
        shown=shown,
        answer=Missing(reason="refused", raw="No.") if lost else answer,
        call_keys=("call1:0",),
        wording=0 if isinstance(assignment, PairedAssignment) else _wording(assignment),
    )
    return Transcript(assignment=assignment, turns=(), responses=(response,))


def _wording(assignment: Assignment) -> int:
    return assignment.wording if isinstance(assignment, MonadicAssignment) else 0


def array(*values: float) -> Floats:
    """A float array of `values`."""
    return np.array(values, dtype=np.float64)
