"""From the transcripts of a message test to its analysis: figures, controls and the verdict."""

from collections.abc import Sequence

from panelsim.analysis.cells import cells_of
from panelsim.analysis.contrasts import contrasts_of, leader_of
from panelsim.analysis.controls import controls_of
from panelsim.analysis.cuts import cuts_of
from panelsim.analysis.preference import preference_of
from panelsim.analysis.quality import quality_of
from panelsim.analysis.scene import Scene
from panelsim.analysis.table import arm_table, responses_of
from panelsim.analysis.verbatims import verbatims_of
from panelsim.analysis.verdict import Evidence, floor_of, verdict_of
from panelsim.errors import InputError
from panelsim.metrics.bootstrap import DRAWS
from panelsim.model.analysis import Analysis
from panelsim.model.panel import Panel
from panelsim.model.plan import Plan, Transcript
from panelsim.model.response import Response
from panelsim.model.study import MessageTest


def analyse(
    study: MessageTest, panel: Panel, plan: Plan, transcripts: Sequence[Transcript], *, draws: int = DRAWS
) -> Analysis:
    """Everything that can be said of the run: the same transcripts always give the same analysis.

    A planned session without a transcript counts as missing. InputError if the panel has no target
    respondent, the rule's measure is not among the study's, or a transcript names a respondent or a stimulus
    that panel or plan do not hold.
    """
    _check(study, panel, plan, transcripts)
    responses = responses_of(plan, transcripts)
    scene = _scene(study, panel, plan, responses, draws)
    leader = leader_of(scene)
    quality = quality_of(scene, responses)
    evidence = Evidence(
        scene=scene,
        leader=leader,
        contrasts=contrasts_of(scene, leader),
        preference=preference_of(scene),
        controls=controls_of(scene),
        cuts=cuts_of(scene, floor_of(scene, quality, scene.primary)),
        quality=quality,
    )
    return Analysis(
        cells=cells_of(scene, scene.target),
        anti_cells=() if scene.anti is None else cells_of(scene, scene.anti),
        contrasts=evidence.contrasts,
        preference=evidence.preference,
        controls=evidence.controls,
        cuts=evidence.cuts,
        quality=quality,
        verbatims=verbatims_of(scene, responses),
        verdict=verdict_of(evidence),
    )


def _check(study: MessageTest, panel: Panel, plan: Plan, transcripts: Sequence[Transcript]) -> None:
    measure = study.rule.measure
    if measure not in study.measures:
        raise InputError(
            f"study {study.id!r}: the rule's measure {measure!r} is not in {sorted(study.measures)}"
        )
    responses = [response for transcript in transcripts for response in transcript.responses]
    people = {one.respondent for one in responses} - {one.id for one in panel.respondents}
    if people:
        raise InputError(
            f"study {study.id!r}: transcripts of {sorted(people)}, who are not in panel {panel.id!r}"
        )
    shown = {name for one in responses for name in one.shown} - {one.id for one in plan.stimuli}
    if shown:
        raise InputError(
            f"study {study.id!r}: transcripts show {sorted(shown)}, which the plan does not hold"
        )


def _scene(study: MessageTest, panel: Panel, plan: Plan, responses: Sequence[Response], draws: int) -> Scene:
    target = arm_table("target", panel, plan, responses, seed=study.seed, draws=draws)
    if target is None:
        raise InputError(f"panel {panel.id!r}: no respondent in the target arm, expected at least one")
    anti = arm_table("anti", panel, plan, responses, seed=study.seed, draws=draws)
    return Scene(study=study, stimuli=plan.stimuli, target=target, anti=anti)
