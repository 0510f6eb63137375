"""Small committees for tests: seats by hand, and studies whose seats answer as a test wants."""

from collections.abc import Iterator, Mapping, Sequence

from panelsim.analysis.committee import analyse_committee
from panelsim.files import read_panel_spec, read_prompt_texts
from panelsim.keys import content_key
from panelsim.model.call import ModelRef
from panelsim.model.committee import CommitteeAnalysis, Seat, Shares, Stance
from panelsim.model.icp import Structure
from panelsim.model.panel import CommitteeRole, Panel, Respondent
from panelsim.model.persona import Authority
from panelsim.model.plan import CommitteeAssignment, Transcript, Turn
from panelsim.model.report import Report
from panelsim.model.response import ChoiceAnswer, Missing, Response, TextAnswer
from panelsim.model.sources import PanelSources
from panelsim.model.study import Asking, CommitteeStudy, Elicitation, Frame
from panelsim.planning.committee import draw_committees
from panelsim.planning.plan import plan_study
from panelsim.prompts import Prompts
from panelsim.reporting.build import committee_report
from panelsim.reporting.gleaning import glean
from panelsim.service.prepare import Job, build_job
from panelsim.sessions.committee import ORDERS
from tests import builders, profiles

PROPOSAL = "Forecasting for 60 reps, 24,000 dollars a year"
SCRIPTED = ModelRef(provider="scripted", name="sensible")

YES, NO, UNSURE = (
    Shares(yes=0.9, no=0.1, unsure=0),
    Shares(yes=0.1, no=0.9, unsure=0),
    Shares(yes=0, no=0, unsure=1),
)
REFUSES = Shares(yes=0, no=1, unsure=0)
TORN = Shares(yes=0.5, no=0.5, unsure=0)

Said = Mapping[str, Shares | None]
"""Shares by persona; None: no answer."""


def seat(
    name: str,
    authority: Authority = "influences",
    role: CommitteeRole = "user",
    *,
    stops: bool = False,
    champions: bool = False,
    structure: Structure = "hierarchical",
) -> Seat:
    """One seat of company c1."""
    return Seat(
        respondent=name, account="c1", arm="target", persona=name, name=name, title=name, role=role,
        authority=authority, structure=structure, can_stop=stops, may_champion=champions,
    )  # fmt: skip


def study_of(*proposals: str, **changes: object) -> CommitteeStudy:
    """A committee study; the proposals are called a, b, c."""
    shown = [{"id": "abcdefgh"[at], "text": text} for at, text in enumerate(proposals or (PROPOSAL,))]
    return CommitteeStudy.model_validate({"id": "s", "proposals": shown, **changes})


def sources_of(panel: str = "sales-committee", structure: Structure | None = None) -> PanelSources:
    """The sources of a shipped panel, its companies decided in another way if `structure` is given."""
    sources = read_panel_spec(panel)
    if structure is None:
        return sources
    return sources.model_copy(
        update={"icps": tuple(icp.model_copy(update={"structure": structure}) for icp in sources.icps)}
    )


def job_of(
    study: CommitteeStudy,
    sources: PanelSources | None = None,
    *,
    elicit: Elicitation = "logprob",
    frame: Frame = "third_person",
    anti: int = 1,
) -> Job:
    """The job of `study`, with one company outside the ICP."""
    found = sources or sources_of()
    panel = draw_committees(found, study.n, study.seed, anti=anti if study.controls.anti_icp else 0)
    asking = Asking(
        model=SCRIPTED, embedding_model=SCRIPTED, elicit=elicit, frame=frame, temperature=0.7, seed=study.seed
    )
    return build_job(study, found, panel, asking, Prompts(read_prompt_texts()))


def answered(job: Job, said: Said | Mapping[str, Said], default: Shares = YES) -> Iterator[Transcript]:
    """Transcripts of the whole plan in which personas answer as `said`, by proposal if it is nested.

    The decoy and the companies outside the ICP are refused, and a copy is answered as its original.
    """
    people = {one.id: one for one in job.panel.respondents}
    copies = {one.id: one.of for one in job.plan.stimuli if one.role == "duplicate"}
    for assignment in job.plan:
        assert isinstance(assignment, CommitteeAssignment)
        person = people[assignment.respondent]
        proposal = copies.get(assignment.stimulus, assignment.stimulus)
        shares: Shares | None = REFUSES
        if person.arm == "target" and not proposal.startswith("control"):
            nested = said.get(proposal)
            own = nested if isinstance(nested, Mapping) else said
            found = own.get(person.persona, default)
            shares = found if found is None or isinstance(found, Shares) else default
        yield transcript(assignment, shares)


def transcript(
    assignment: CommitteeAssignment, shares: Shares | None, swapped: Shares | None = None
) -> Transcript:
    """One session; `swapped` is the answer with no in the first slot, if it is another."""
    given = {"stance": shares, "stance.swapped": swapped or shares}
    responses = [_response(assignment, name, _choice(ORDERS[name], one)) for name, one in given.items()]
    if assignment.words:
        for question in ("reason", "objection", "condition"):
            text = f"{assignment.respondent} on {assignment.stimulus}: {question}"
            responses.append(_response(assignment, question, TextAnswer(text=text)))
    return Transcript(assignment=assignment, turns=(), responses=tuple(responses))


def _choice(order: Sequence[Stance], shares: Shares | None) -> ChoiceAnswer | Missing:
    if shares is None:
        return Missing(reason="refused", raw="No.")
    return ChoiceAnswer(options=tuple(order), shares=tuple(shares.of(stance) for stance in order))


def _response(
    assignment: CommitteeAssignment, question: str, answer: ChoiceAnswer | Missing | TextAnswer
) -> Response:
    key = content_key("call1", [assignment.respondent, assignment.stimulus, question, assignment.replicate])
    return Response(
        respondent=assignment.respondent, question=question, shown=assignment.shown, answer=answer,
        call_keys=(key,), wording=assignment.wording, replicate=assignment.replicate,
    )  # fmt: skip


def analysed(job: Job, said: Said | Mapping[str, Said], default: Shares = YES) -> CommitteeAnalysis:
    """The analysis of `answered`."""
    assert isinstance(job.study, CommitteeStudy)
    return analyse_committee(job.study, job.panel, job.sources, job.plan, answered(job, said, default))


SEATS: tuple[tuple[str, CommitteeRole, Authority, str, str, tuple[str, ...]], ...] = (
    ("cfo", "economic", "signs", "Marta Olsen", "Chief Financial Officer", ("where is the return",)),
    ("it-security", "technical", "blocks", "Ravi Menon", "IT Security Lead", ("where is our data kept",)),
    (
        "revops",
        "champion",
        "recommends",
        "Priya Raman",
        "Head of Revenue Operations",
        ("I must convince finance",),
    ),
)
"""Persona, role, authority, name, title, expected objections."""
SPOKEN = {
    "cfo": (
        "It pays for itself in two quarters.",
        "The return is asserted.",
        "A reference I may call.",
    ),
    "it-security": (
        "It reads our whole CRM.",
        "Where is our data kept?",
        "Your audit report, and sign-on.",
    ),
    "revops": (
        "Slipped deals are my Monday.",
        "Will it write to our fields?",
        "A test on old deals.",
    ),
}
"""Reason, objection, condition of each persona."""


def report() -> Report:
    """The report of one company and two proposals: the signer would sign one, and security blocks both."""
    study = CommitteeStudy.model_validate(
        {
            "id": "forecast-offer",
            "title": "Two offers before one committee",
            "panel": "sales-committee",
            "proposals": [
                {
                    "id": "trial",
                    "text": "Forecasting for 60 reps: 90 days on trial, then 2,000 dollars a month",
                },
                {"id": "yearly", "text": "Forecasting for 60 reps: 24,000 dollars a year, paid up front"},
            ],
            "controls": {"anti_icp": False},
        }
    )
    people = tuple(_person(number, *seat[:2], *seat[3:5]) for number, seat in enumerate(SEATS, start=1))
    panel = Panel(id="sales-committee", seed=7, respondents=people)
    plan = plan_study(study, panel, ("Hand-painted garden gnomes",))
    said = tuple(_spoken(one) for one in plan if isinstance(one, CommitteeAssignment))
    found = analyse_committee(study, panel, _sources(), plan, said)
    return committee_report(study, panel, plan, glean(study, panel, said), found, builders.facts())


def _person(number: int, persona: str, role: CommitteeRole, name: str, title: str) -> Respondent:
    one = builders.respondent(1, persona, role, name, title)
    return one.model_copy(update={"id": f"c1-{persona}", "account": "c1", "in_market": number == 1})


def _sources() -> PanelSources:
    personas = tuple(
        profiles.persona(name, "b2b-saas-midmarket").model_copy(
            update={"committee_role": role, "authority": authority, "objections": expected}
        )
        for name, role, authority, _, _, expected in SEATS
    )
    home = profiles.icp("b2b-saas-midmarket").model_copy(update={"structure": "hierarchical"})
    return profiles.sources(*personas, icps=(home,))


def _spoken(assignment: CommitteeAssignment) -> Transcript:
    """Security refuses, finance signs the trial only, operations is for both; everybody refuses the decoy."""
    persona = assignment.respondent.removeprefix("c1-")
    decoy = assignment.stimulus == "control-decoy"
    if decoy or persona == "it-security":
        shares, swapped = Shares(yes=0.12, no=0.84, unsure=0.04), Shares(yes=0.08, no=0.9, unsure=0.02)
    elif persona == "cfo" and assignment.stimulus == "yearly":
        shares, swapped = Shares(yes=0.3, no=0.4, unsure=0.3), Shares(yes=0.2, no=0.5, unsure=0.3)
    else:
        shares, swapped = Shares(yes=0.88, no=0.1, unsure=0.02), Shares(yes=0.8, no=0.15, unsure=0.05)
    made = transcript(assignment, shares, swapped)
    texts = dict(zip(("reason", "objection", "condition"), SPOKEN[persona], strict=True))
    responses = tuple(
        one.model_copy(update={"answer": TextAnswer(text=texts[one.question])})
        if one.question in texts
        else one
        for one in made.responses
    )
    turns = tuple(
        turn
        for one in responses
        for turn in (
            Turn(speaker="interviewer", text=f"The question of {one.question}."),
            Turn(speaker="respondent", text=texts.get(one.question, "A"), call_key=one.call_keys[0]),
        )
    )
    return made.model_copy(update={"responses": responses, "turns": turns})
