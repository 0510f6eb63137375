"""Planning a survey: one questionnaire for everybody, its options rotated over respondents."""

import math

from panelsim.model.panel import Panel
from panelsim.model.plan import Plan, SurveyAssignment
from panelsim.model.questionnaire import MultipleChoice, RatingScale, SingleChoice
from panelsim.model.study import SurveyStudy
from panelsim.planning.stimuli import NOBODY
from panelsim.planning.turns import turns_of


def plan_survey(study: SurveyStudy, panel: Panel) -> Plan:
    """The plan of `study` on `panel`.

    Orders form a cyclic Latin square: over a cycle every option stands in every slot equally often, and
    every scale is seen from either end.
    """
    cycle = cycle_of(study)
    asked = tuple(question.id for question in study.questions)
    turns = turns_of(panel, cycle)
    used = sorted(set(turns))
    return Plan(
        stimuli=(),
        people=tuple(panel.ids),
        sheets=tuple((SurveyAssignment(respondent=NOBODY, asked=asked, turn=turn),) for turn in used),
        sheet_of=tuple(used.index(turn) for turn in turns),
    )


def cycle_of(study: SurveyStudy) -> int:
    """Respondents after whom every order has been used equally often: the least common multiple."""
    sizes = [len(one.options) for one in study.questions if isinstance(one, SingleChoice | MultipleChoice)]
    turned = any(isinstance(one, RatingScale | MultipleChoice) for one in study.questions)
    return math.lcm(1, *sizes, 2 if turned else 1)
