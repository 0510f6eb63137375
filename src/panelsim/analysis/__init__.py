"""From the transcripts of a message test to its analysis: figures, controls and the verdict."""

from collections.abc import Iterable

from panelsim.analysis.cells import cells_of
from panelsim.analysis.contrasts import contrasts_of, leader_of
from panelsim.analysis.controls import controls_of
from panelsim.analysis.cuts import cuts_of
from panelsim.analysis.hearing import Hearing
from panelsim.analysis.preference import preference_of
from panelsim.analysis.quality import quality_of
from panelsim.analysis.scene import Scene
from panelsim.analysis.verbatims import verbatims_of
from panelsim.analysis.verdict import Evidence, floor_of, verdict_of
from panelsim.errors import InputError
from panelsim.metrics.bootstrap import DRAWS
from panelsim.model.analysis import Analysis
from panelsim.model.panel import Panel
from panelsim.model.plan import Plan, Transcript
from panelsim.model.study import StimulusTest


def analyse(
    study: StimulusTest, panel: Panel, plan: Plan, transcripts: Iterable[Transcript], *, draws: int = DRAWS
) -> Analysis:
    """Everything that can be said of the run: the same transcripts always give the same analysis.

    `transcripts` can be iterated more than once; none is kept. A planned session without a transcript counts
    as missing. InputError if the panel has no target respondent, the rule's measure is not among the study's,
    or a transcript names a respondent or a stimulus that panel or plan do not hold.
    """
    hearing = Hearing(study, panel, plan)
    for transcript in transcripts:
        hearing.hear(transcript)
    return analysis_of(hearing, transcripts, draws=draws)


def analysis_of(hearing: Hearing, transcripts: Iterable[Transcript], *, draws: int = DRAWS) -> Analysis:
    """The analysis of all that `hearing` heard, which ends it; `transcripts` are the same ones once more.

    For one pass that feeds other readers too; else as `analyse`.
    """
    hearing.close()
    scene = _scene(hearing, draws)
    leader = leader_of(scene)
    quality = quality_of(scene, hearing.counts)
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
        verbatims=verbatims_of(scene, hearing.reactions, transcripts),
        verdict=verdict_of(evidence),
    )


def _scene(hearing: Hearing, draws: int) -> Scene:
    study = hearing.study
    target = hearing.target.table(seed=study.seed, draws=draws)
    if target is None:
        raise InputError(
            f"panel {hearing.panel.id!r}: no respondent in the target arm, expected at least one"
        )
    anti = hearing.anti.table(seed=study.seed, draws=draws)
    return Scene(study=study, stimuli=hearing.plan.stimuli, target=target, anti=anti)
