"""Planning: a study and a panel become the exact list of assignments, controls included."""

from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from typing import TypeVar, assert_never

import numpy as np

from panelsim.errors import InputError
from panelsim.model.hypothesis import ControlHypotheses
from panelsim.model.inventory import Instrument
from panelsim.model.panel import Arm, Panel
from panelsim.model.plan import (
    Assignment,
    InterviewAssignment,
    InventoryAssignment,
    MonadicAssignment,
    PairedAssignment,
    Plan,
)
from panelsim.model.study import (
    AblationStudy,
    CommitteeStudy,
    ConceptTest,
    DiscussionStudy,
    HypothesisStudy,
    InterviewStudy,
    InventoryStudy,
    MessageTest,
    Stimulus,
    StimulusTest,
    Study,
    SurveyStudy,
)
from panelsim.planning.ablation import ablation_sheet
from panelsim.planning.committee import plan_committee
from panelsim.planning.discussion import plan_discussion
from panelsim.planning.hypothesis import plan_hypothesis
from panelsim.planning.stimuli import (
    NOBODY,
    SHUFFLED,
    check_texts,
    control_stream,
    decoy_of,
    duplicate_of,
)
from panelsim.planning.survey import plan_survey

Part = TypeVar("Part")

BLOCK = 20
"""Items of an inventory in one session: what is asked again if a session is cut short."""


def plan_study(
    study: Study,
    panel: Panel,
    decoys: tuple[str, ...] = (),
    instrument: Instrument | None = None,
    controls: ControlHypotheses | None = None,
) -> Plan:
    """The plan of `study` on `panel`; the same arguments give the same plan.

    `decoys` are weak texts to draw the decoy from, `instrument` holds what an inventory asks, `controls` what
    is posed beside a hypothesis. A respondent's assignments stand together, monadic before paired, so that a
    comparison never colours a first impression.
    """
    match study:
        case MessageTest() | ConceptTest():
            return _message_plan(study, panel, decoys)
        case InterviewStudy():
            return _same_for_all((InterviewAssignment(respondent=NOBODY),), (), panel)
        case InventoryStudy():
            return _same_for_all(_blocks(study, _given(instrument, study, "instrument")), (), panel)
        case CommitteeStudy():
            return plan_committee(study, panel, decoys)
        case DiscussionStudy():
            return plan_discussion(study, panel)
        case AblationStudy():
            check_stimuli(study)
            return _same_for_all(tuple(ablation_sheet(study)), study.stimuli, panel)
        case HypothesisStudy():
            return plan_hypothesis(study, panel, _given(controls, study, "controls"))
        case SurveyStudy():
            return plan_survey(study, panel)
        case _:
            assert_never(study)


def _given(part: Part | None, study: Study, name: str) -> Part:
    if part is None:
        raise InputError(f"study {study.id!r}: kind {study.kind} cannot be planned without its {name}")
    return part


def _same_for_all(sheet: tuple[Assignment, ...], stimuli: tuple[Stimulus, ...], panel: Panel) -> Plan:
    """The plan in which every respondent is asked `sheet`."""
    people = tuple(panel.ids)
    return Plan(stimuli=stimuli, people=people, sheets=(sheet,), sheet_of=(0,) * len(people))


def _message_plan(study: StimulusTest, panel: Panel, decoys: tuple[str, ...]) -> Plan:
    people = tuple(panel.ids)
    check_stimuli(study)
    stimuli = study.stimuli + plan_controls(study, decoys)
    places: dict[tuple[Arm, int], int] = {}
    turns: Counter[str] = Counter()
    sheet_of: list[int] = []
    for arm, persona in zip(panel.arms, panel.personas, strict=True):
        key = (arm, turns[persona] % study.design.wordings)
        turns[persona] += 1
        sheet_of.append(places.setdefault(key, len(places)))
    sheets = tuple(tuple(_sheet(study, stimuli, arm, turn)) for arm, turn in places)
    if not any(sheets):
        raise InputError(f"study {study.id!r} asks nothing: design.monadic and design.paired are both off")
    return Plan(stimuli=stimuli, people=people, sheets=sheets, sheet_of=tuple(sheet_of))


def _blocks(study: InventoryStudy, instrument: Instrument) -> tuple[Assignment, ...]:
    """The items in an order drawn from the seed, the same for everybody, in blocks."""
    rng = np.random.Generator(np.random.PCG64([study.seed, 2]))
    order = [instrument.items[at].id for at in rng.permutation(len(instrument.items))]
    return tuple(
        InventoryAssignment(
            respondent=NOBODY, block=block, items=tuple(order[start : start + BLOCK]), replicate=replicate
        )
        for replicate in range(study.replicates)
        for block, start in enumerate(range(0, len(order), BLOCK))
    )


def check_stimuli(study: StimulusTest | AblationStudy) -> None:
    """InputError if variants repeat an id or a text, carry a control's role, or miss the rule's measure."""
    check_texts(study.id, study.stimuli, "concept" if isinstance(study, ConceptTest) else "headline")
    if isinstance(study, StimulusTest) and study.rule.measure not in study.measures:
        raise InputError(
            f"study {study.id!r}: the decision rule reads measure {study.rule.measure!r}, which is not among "
            f"the measures {list(study.measures)}"
        )


def plan_controls(study: StimulusTest, decoys: tuple[str, ...]) -> tuple[Stimulus, ...]:
    """The control stimuli of `study`: a duplicate and shuffled words of the first variant, and a decoy.

    A variant of one word cannot be shuffled; then that control is left out and cannot be computed.
    """
    first = study.stimuli[0]
    rng = control_stream(study.seed)
    controls: list[Stimulus] = []
    if study.controls.duplicate:
        controls.append(duplicate_of(first))
    if study.controls.decoy:
        controls.append(decoy_of(study.stimuli, decoys, rng))
    if study.controls.shuffled and (text := shuffled_words(first.text, rng)) is not None:
        controls.append(Stimulus(id=SHUFFLED, text=text, role="shuffled", of=first.id, name=first.name))
    return tuple(controls)


def shuffled_words(text: str, rng: np.random.Generator) -> str | None:
    """`text` with its words in another order; None if it has no other order."""
    words = text.split()
    if len({word.casefold() for word in words}) < 2:
        return None
    while True:
        mixed = [words[place] for place in rng.permutation(len(words))]
        if mixed != words:
            return " ".join(mixed)


def _sheet(study: StimulusTest, stimuli: tuple[Stimulus, ...], arm: Arm, turn: int) -> Iterator[Assignment]:
    """What a respondent of `arm` is asked; `turn` is its place among those of its persona, by wordings."""
    for replicate in range(study.design.replicates):
        yield from _monadic(study, stimuli, arm, turn, replicate)
    for replicate in range(study.design.replicates):
        yield from _paired(study, stimuli, arm, replicate)


def _monadic(
    study: StimulusTest, stimuli: tuple[Stimulus, ...], arm: Arm, turn: int, replicate: int
) -> Iterator[Assignment]:
    """Variants on all measures; controls, and the anti-ICP arm, on the rule's measure alone."""
    if not study.design.monadic:
        return
    target = arm == "target"
    for stimulus in stimuli:
        variant = stimulus.role == "variant"
        if not variant and not target:
            continue
        shift = 1 if stimulus.role == "duplicate" else 0
        yield MonadicAssignment(
            respondent=NOBODY,
            stimulus=stimulus.id,
            measures=study.measures if variant and target else (study.rule.measure,),
            open_questions=study.design.open_questions and variant and target,
            wording=(turn + replicate + shift) % study.design.wordings,
            # A duplicate asked like its original would be one call with one answer, and prove nothing.
            replicate=replicate + shift * study.design.replicates,
        )


def _paired(
    study: StimulusTest, stimuli: tuple[Stimulus, ...], arm: Arm, replicate: int
) -> Iterator[Assignment]:
    """All pairs of variants, and the first variant against the decoy, in both orders."""
    if not study.design.paired or arm == "anti":
        return
    pairs = list(combinations([one.id for one in stimuli if one.role == "variant"], 2))
    pairs += [(stimuli[0].id, one.id) for one in stimuli if one.role == "decoy"]
    for one, other in pairs:
        for first, second in ((one, other), (other, one)):
            yield PairedAssignment(
                respondent=NOBODY, first=first, second=second, wording=0, replicate=replicate
            )
