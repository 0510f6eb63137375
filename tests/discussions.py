"""Small discussions for tests: groups of a shipped panel that answer as a test wants, and a report."""

from collections.abc import Callable, Iterator, Mapping

from panelsim.analysis.discussion import analyse_discussion
from panelsim.files import read_panel_spec, read_prompt_texts
from panelsim.keys import content_key
from panelsim.model.call import ModelRef
from panelsim.model.discussion import DiscussionAnalysis
from panelsim.model.panel import Panel
from panelsim.model.plan import REACTION, DiscussionAssignment, Transcript, Turn
from panelsim.model.report import Report
from panelsim.model.response import AnswerOrMissing, Missing, RatingAnswer, Response, TextAnswer
from panelsim.model.study import Asking, DiscussionStudy, Elicitation, Frame
from panelsim.planning.draw import draw_panel
from panelsim.planning.plan import plan_study
from panelsim.prompts import Prompts
from panelsim.reporting.discussion import discussion_report
from panelsim.reporting.gleaning import glean
from panelsim.service.prepare import Job, build_job
from tests import builders, profiles

TEXT = "Forecasts your CFO believes"
SCRIPTED = ModelRef(provider="scripted", name="sensible")

Rated = Callable[[str, int, int, str], float | None]
"""(group, place of the member in it, size, time) to a rating of 1 to 5; None: no answer."""


def study_of(**changes: object) -> DiscussionStudy:
    """Groups that talk about one text."""
    return DiscussionStudy.model_validate({"id": "s", "stimulus": {"id": "a", "text": TEXT}, **changes})


def job_of(
    study: DiscussionStudy | None = None, elicit: Elicitation = "logprob", frame: Frame = "third_person"
) -> Job:
    """The job of a study on the trio of sales."""
    asked = study or study_of()
    sources = read_panel_spec("sales-trio")
    panel = draw_panel(sources, asked.n, asked.seed)
    asking = Asking(
        model=SCRIPTED, embedding_model=SCRIPTED, elicit=elicit, frame=frame, temperature=0.7, seed=asked.seed
    )
    return build_job(asked, sources, panel, asking, Prompts(read_prompt_texts()))


def groups_in(job: Job) -> Iterator[DiscussionAssignment]:
    """The plan's assignments."""
    for one in job.plan:
        assert isinstance(one, DiscussionAssignment)
        yield one


def rating(value: float) -> RatingAnswer:
    """A rating whose mean is `value`, on the two points around it."""
    low = min(4, int(value))
    return RatingAnswer(
        distribution=tuple(
            {low: low + 1 - value, low + 1: value - low}.get(point, 0.0) for point in range(1, 6)
        )
    )


def transcript_of(
    group: DiscussionAssignment, rated: Rated, said: Mapping[tuple[str, str], str] | None = None
) -> Transcript:
    """A group's session with ratings by `rated` and words by (member, question)."""
    turns: list[Turn] = []
    responses: list[Response] = []
    for member, question in group.answers:
        key = content_key("call1", [group.respondent, member, question])
        place = group.members.index(member)
        answer: AnswerOrMissing = Missing(reason="refused", raw="No.")
        if "." in question:
            value = rated(group.respondent, place, len(group.members), question.rpartition(".")[2])
            answer = answer if value is None else rating(value)
        elif (member, question) in (said or {}) or said is None:
            answer = TextAnswer(text=(said or {}).get((member, question), f"{member} on {question}"))
        responses.append(
            Response(
                respondent=member, question=question, shown=group.shown, answer=answer, call_keys=(key,),
                wording=group.wording,
            )
        )  # fmt: skip
        if question.startswith("round") and member == group.orders[int(question[5:]) - 1][0]:
            turns.append(Turn(speaker="interviewer", text="What do you think of it?", question=question))
        if isinstance(answer, TextAnswer):
            turns.append(
                Turn(
                    speaker="respondent", text=answer.text, call_key=key, respondent=member, question=question
                )
            )
    return Transcript(assignment=group, turns=tuple(turns), responses=tuple(responses))


def analysed(rated: Rated, **changes: object) -> DiscussionAnalysis:
    """The analysis of a discussion whose members rate as `rated` says."""
    study = study_of(**changes)
    job = job_of(study)
    said = [transcript_of(group, rated) for group in groups_in(job)]
    return analyse_discussion(study, job.panel, job.plan, said)


OBJECTION = "Who checks the forecast against what closed?"
SPOKEN = {
    "vp-sales": (
        "That is my quarter end.",
        OBJECTION,
        "My quarter ends in that meeting, so I would read on.",
    ),
    "revops": (
        "A forecast is only as good as the fields.",
        "Does it write to our fields?",
        "Ingrid is right, but does it write to our fields, or is it one more export?",
    ),
    "sales-manager": ("More to fill in, I fear.", "Who fills it in?", "I agree with Priya: who fills it in?"),
}
"""Reaction, objection and turn of each persona."""


def report() -> Report:
    """The report of two groups of three, in which the sceptics come round and one answer is missing."""
    study = DiscussionStudy.model_validate(
        {
            "id": "forecast-talk",
            "title": "Two groups on one headline",
            "groups": 2,
            "size": 3,
            "rounds": 1,
            "stimulus": {"id": "trust", "text": "Know which deals will slip before the forecast call"},
            "rule": {"max_missing": 0.2, "alpha": 0.1},
        }
    )
    people = tuple(one for one in builders.panel().respondents if one.arm == "target")
    panel = Panel(id="sales-trio", seed=7, respondents=people)
    plan = plan_study(study, panel)
    said = tuple(_session(one, panel) for one in plan if isinstance(one, DiscussionAssignment))
    personas = tuple(
        profiles.persona(name, "b2b-saas-midmarket").model_copy(update={"objections": (spoken[1],)})
        for name, spoken in SPOKEN.items()
    )
    found = analyse_discussion(study, panel, plan, said, personas)
    gleaning = glean(study, panel, said)
    return discussion_report(study, panel, plan, gleaning, found, builders.facts(), builders.personas())


def _session(group: DiscussionAssignment, panel: Panel) -> Transcript:
    people = panel.people()
    said: dict[tuple[str, str], str] = {}
    for member in group.members:
        reaction, objection, turn = SPOKEN[people[member].persona]
        said[member, REACTION], said[member, "objection"], said[member, "round1"] = reaction, objection, turn
    if group.respondent == "g2":
        del said[group.members[2], "round1"]

    def rated(_group: str, place: int, _size: int, time: str) -> float:
        before = (3.9, 3.1, 2.2)[place]
        return (
            before
            + {"before": 0.0, "retest": 0.02, "unrelated": -0.05, "after": (0.1, 0.6, 1.1)[place]}[time]
        )

    return transcript_of(group, rated, said)
