"""From the transcripts of a discussion to its analysis: private shifts, controls, what was aired, verdict."""

from collections.abc import Iterable, Sequence

from panelsim.analysis.discussion.aired import aired_of, kept_of
from panelsim.analysis.discussion.controls import controls_of
from panelsim.analysis.discussion.hearing import DiscussionHearing
from panelsim.analysis.discussion.members import groups_of, members_of
from panelsim.analysis.discussion.movement import Ratings, movement_of, ratings_of
from panelsim.analysis.discussion.verdict import verdict_of
from panelsim.metrics.bootstrap import DRAWS
from panelsim.model.discussion import DiscussionAnalysis, Movement
from panelsim.model.discussion_design import DiscussionControlName
from panelsim.model.panel import Panel
from panelsim.model.persona import Persona
from panelsim.model.plan import Plan, Transcript
from panelsim.model.study import DiscussionStudy


def analyse_discussion(
    study: DiscussionStudy,
    panel: Panel,
    plan: Plan,
    transcripts: Iterable[Transcript],
    personas: Sequence[Persona] = (),
    *,
    draws: int = DRAWS,
) -> DiscussionAnalysis:
    """Everything that can be said of the run: the same transcripts always give the same analysis.

    A planned group without a transcript counts as missing. Raises `InputError` if a transcript is of no
    group of the plan.
    """
    hearing = DiscussionHearing(study, panel, plan)
    for transcript in transcripts:
        hearing.hear(transcript)
    return discussion_analysis(hearing, personas, draws=draws)


def discussion_analysis(
    hearing: DiscussionHearing, personas: Sequence[Persona] = (), *, draws: int = DRAWS
) -> DiscussionAnalysis:
    """The analysis of all that `hearing` heard, which ends it."""
    hearing.close()
    study = hearing.study
    compared: dict[DiscussionControlName, tuple[Ratings, Movement]] = {}
    for name in study.controls.names:
        rated = ratings_of(hearing, name)
        found = movement_of(study, rated, name, draws)
        if found is not None:
            compared[name] = rated, found
    # what moved more without the discussion is the harder test
    against = max(compared, key=lambda name: compared[name][1].noise.value, default=None)
    ratings = compared[against][0] if against else None
    movement = compared[against][1] if against else None
    controls = controls_of(study, {name: one for name, (_, one) in compared.items()})
    quality = hearing.quality()
    groups = groups_of(hearing, ratings)
    return DiscussionAnalysis(
        measure=study.measure if study.stimulus else "",
        members=members_of(hearing, ratings, study.rule),
        groups=groups,
        movement=movement,
        controls=controls,
        expected=aired_of(hearing, personas),
        kept=kept_of(hearing),
        objections=len(hearing.objections),
        quality=quality,
        verdict=verdict_of(study, movement, controls, quality, groups),
    )
