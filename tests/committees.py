"""Small committees for tests: seats by hand, and studies whose seats answer as a test wants."""

from collections.abc import Iterator, Mapping, Sequence

from panelsim.files import read_panel_spec, read_prompt_texts
from panelsim.keys import content_key
from panelsim.model.call import ModelRef
from panelsim.model.committee import CommitteeAnalysis, Seat, Shares, Stance
from panelsim.model.icp import Structure
from panelsim.model.panel import CommitteeRole
from panelsim.model.persona import Authority
from panelsim.model.plan import CommitteeAssignment, Transcript
from panelsim.model.response import ChoiceAnswer, Missing, Response, TextAnswer
from panelsim.model.sources import PanelSources
from panelsim.model.study import Asking, CommitteeStudy, Elicitation, Frame
from panelsim.planning.committee import draw_committees
from panelsim.prompts import Prompts
from panelsim.service.prepare import Job, build_job
from panelsim.sessions.committee import ORDERS

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
    from panelsim.analysis.committee import analyse_committee

    assert isinstance(job.study, CommitteeStudy)
    return analyse_committee(job.study, job.panel, job.sources, job.plan, answered(job, said, default))
