"""Planning a hypothesis: every wording to every respondent, and the controls in turn."""

from collections.abc import Iterator

from panelsim.model.hypothesis import HYPOTHESIS, ControlHypotheses, Posed
from panelsim.model.panel import Panel
from panelsim.model.plan import HypothesisAssignment, Plan
from panelsim.model.study import HypothesisStudy
from panelsim.planning.stimuli import NOBODY
from panelsim.planning.turns import turns_of


def posed_in(study: HypothesisStudy, controls: ControlHypotheses) -> tuple[Posed, ...]:
    """The hypothesis, then the controls that the study wants."""
    own = Posed(id=HYPOTHESIS, wordings=study.wordings, a=study.a, b=study.b)
    placebos = controls.placebos if study.controls.placebo else ()
    return (own, *placebos, *(controls.known if study.controls.known else ()))


def plan_hypothesis(study: HypothesisStudy, panel: Panel, controls: ControlHypotheses) -> Plan:
    """The plan of `study` on `panel`: a respondent gets every wording, one placebo and one known question.

    Placebos and known questions go round, so that each is put to as many respondents.
    """
    placebos = controls.placebos if study.controls.placebo else ()
    known = controls.known if study.controls.known else ()
    cycle = max(1, len(placebos)) * max(1, len(known))
    sheets = tuple(tuple(_sheet(study, placebos, known, turn)) for turn in range(cycle))
    turns = turns_of(panel, cycle)
    used = sorted(set(turns))
    return Plan(
        stimuli=(),
        people=tuple(panel.ids),
        sheets=tuple(sheets[turn] for turn in used),
        sheet_of=tuple(used.index(turn) for turn in turns),
    )


def _sheet(
    study: HypothesisStudy, placebos: tuple[Posed, ...], known: tuple[Posed, ...], turn: int
) -> Iterator[HypothesisAssignment]:
    for replicate in range(study.replicates):
        for wording in range(len(study.wordings)):
            yield HypothesisAssignment(
                respondent=NOBODY, posed=HYPOTHESIS, wording=wording, replicate=replicate
            )
        for place, group in ((turn, placebos), (turn // max(1, len(placebos)), known)):
            if group:
                control = group[place % len(group)]
                yield HypothesisAssignment(
                    respondent=NOBODY,
                    posed=control.id,
                    wording=(turn + replicate) % len(control.wordings),
                    replicate=replicate,
                )
