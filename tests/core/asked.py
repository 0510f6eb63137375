"""Studies asked of scripted respondents in this process: the job, what was said, and a report."""

from collections.abc import Callable, Sequence

from panelsim.execution.drive import drive
from panelsim.execution.loop import run_loop
from panelsim.files import read_prompt_texts
from panelsim.model.call import Call, Completion, ModelRef
from panelsim.model.plan import Transcript
from panelsim.model.study import Asking, Elicitation, Frame, Study
from panelsim.prompts import Prompts
from panelsim.providers.scripted import Scripted
from panelsim.service.prepare import Job, build_job, draw_for
from panelsim.service.sources import read_sources
from panelsim.sessions import script_of

Reply = Callable[[Call], Completion | None]
"""What a test's own respondent says; None: as scripted."""


def job_of(
    study: Study,
    *,
    mind: str = "sensible",
    elicit: Elicitation = "logprob",
    frame: Frame = "third_person",
) -> Job:
    """The job of `study`, with scripted respondents of one mind."""
    model = ModelRef(provider="scripted", name=mind)
    asking = Asking(
        model=model, embedding_model=model, elicit=elicit, frame=frame, temperature=0.7, seed=study.seed
    )
    sources = read_sources(study.panel)
    return build_job(study, sources, draw_for(study, sources), asking, Prompts(read_prompt_texts()))


def transcripts_of(job: Job, reply: Reply | None = None) -> list[Transcript]:
    """Every session of the plan, answered by the job's mind, or by `reply` where it says something."""
    calls: list[Call] = []
    return transcripts_and_calls(job, calls, reply)


def transcripts_and_calls(job: Job, calls: list[Call], reply: Reply | None = None) -> list[Transcript]:
    """As `transcripts_of`; every call is added to `calls`."""
    mind = Scripted()

    async def say(call: Call) -> Completion:
        calls.append(call)
        said = reply(call) if reply else None
        return said if said is not None else await mind.complete(call)

    async def play() -> list[Transcript]:
        return [await drive(script_of(assignment, job.scene), say) for assignment in job.plan]

    return run_loop(play())


def few(transcripts: Sequence[Transcript], places: Sequence[int]) -> list[Transcript]:
    """The transcripts at `places`, so that a golden report stays readable."""
    return [transcripts[place] for place in places]
