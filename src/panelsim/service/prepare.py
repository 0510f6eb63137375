"""Preparing a run: a study becomes a panel, a plan and a scene, checked before anything is asked or paid."""

from dataclasses import dataclass
from hashlib import sha256
from secrets import randbelow
from typing import assert_never

import yaml
from pydantic import TypeAdapter, ValidationError

from panelsim.calibration.apply import check_fits
from panelsim.errors import InputError
from panelsim.execution.drive import drive
from panelsim.execution.loop import run_loop
from panelsim.keys import content_key
from panelsim.model.calibration import PanelFacts
from panelsim.model.call import Call, Completion, ModelRef
from panelsim.model.hypothesis import ControlHypotheses
from panelsim.model.inventory import Instrument
from panelsim.model.panel import Panel
from panelsim.model.plan import PREFERENCE, Plan
from panelsim.model.sources import PanelSources
from panelsim.model.study import (
    AblationStudy,
    Asking,
    CommitteeStudy,
    ConceptTest,
    DiscussionStudy,
    Elicitation,
    Frame,
    HypothesisStudy,
    InterviewStudy,
    InventoryStudy,
    MessageTest,
    StimulusTest,
    Study,
    SurveyStudy,
)
from panelsim.planning.ablation import add_twins
from panelsim.planning.committee import draw_committees
from panelsim.planning.doses import dose_panel
from panelsim.planning.draw import draw_panel
from panelsim.planning.hypothesis import posed_in
from panelsim.planning.plan import plan_study
from panelsim.prompts import Prompts
from panelsim.providers import Options, parse_model_ref, resolve_model_ref
from panelsim.providers.catalogue import DEFAULT_EMBEDDING
from panelsim.providers.scripted import Scripted
from panelsim.service.sources import read_sources, with_notes
from panelsim.service.workspace import Workspace
from panelsim.sessions import script_of
from panelsim.sessions.buyer import Buyers
from panelsim.sessions.grounds import Grounds
from panelsim.sessions.hypothesis import read_control_hypotheses
from panelsim.sessions.moderating import read_moderator_words
from panelsim.sessions.nature import Natures
from panelsim.sessions.scene import Inventory, Positions, Scene, read_channels, read_measures, read_probes
from panelsim.sessions.survey import read_questionnaire
from panelsim.sessions.wordings import read_seat_wordings
from panelsim.settings import Settings
from panelsim.store.records import LOCAL
from panelsim.traits.instruments import choose_items, file_of, parse_instrument
from panelsim.traits.words import parse_decision_words, parse_trait_words

DEFAULT_TEMPERATURE = 0.7
"""Of spoken answers, unless the study says otherwise."""
SMALL_MODEL: tuple[Elicitation, Frame] = ("logprob", "third_person")
LARGE_MODEL: tuple[Elicitation, Frame] = ("reaction", "first_person")
"""Defaults by provider; docs/elicitation.md has the measurements behind the first."""
INTERVIEW: tuple[Elicitation, Frame] = ("direct", "first_person")
"""An interview rates nothing, so it needs no log-probability and no embedding."""


@dataclass(frozen=True)
class Job:
    """A study with everything decided, ready to be asked, replayed or estimated."""

    study: Study
    sources: PanelSources
    panel: Panel
    asking: Asking
    plan: Plan
    scene: Scene
    instrument: Instrument | None = None
    """The items that are asked; absent unless the study is an inventory."""


def prepare(
    study: Study,
    workspace: Workspace,
    *,
    fresh: bool = False,
    sources: PanelSources | None = None,
    account: str = LOCAL,
) -> Job:
    """The job of a new run of `study`; `fresh`: none of its answers is one that was given before.

    `sources`: what its panel is drawn from, if that is not in files; `account`: whose answers it may find.
    Raises `InputError` for whatever is wrong with the study.
    """
    if sources is None:
        sources = read_sources(study.panel)
        if study.notes:
            sources = with_notes(sources)
    asking = resolve_asking(study, workspace.settings)
    # the seed that answers are drawn with is part of every call's identity; panel and plan keep theirs
    seed = randbelow(2**31) if fresh else seed_of(account, asking.seed)
    asking = asking.model_copy(update={"seed": seed})
    panel = draw_for(study, sources)
    job = build_job(study, sources, panel, asking, workspace.prompts())
    if isinstance(study, MessageTest) and study.calibration is not None:
        check_fits(study.calibration, study.channel, panel_facts(job, workspace.prompts()))
    return job


def seed_of(account: str, seed: int) -> int:
    """The seed that an account's answers are drawn with, 31 bits: the stated one at the command line.

    It is part of every call's identity, so that no account finds, is spared or notices what another asked.
    """
    if account == LOCAL:
        return seed
    return int.from_bytes(sha256(f"{account}:{seed}".encode()).digest()[:4], "big") >> 1


def panel_facts(job: Job, prompts: Prompts) -> PanelFacts:
    """How the panel of a message test is asked, as far as a calibration with its answers depends on it.

    `prompts` are rendered for one respondent of each sheet; the job's own are not marked as used.
    """
    own = build_job(job.study, job.sources, job.panel, job.asking, prompts)
    mind = ModelRef(provider="scripted", name="sensible")

    async def say(call: Call) -> Completion:
        return await Scripted().complete(call.model_copy(update={"model": mind}))

    async def play() -> None:
        for sheet in sorted(set(own.plan.sheet_of)):
            place = own.plan.sheet_of.index(sheet)
            for assignment in own.plan.assignments_of(place, place + 1):
                await drive(script_of(assignment, own.scene), say)

    run_loop(play())
    study = job.study
    measures = study.measures if isinstance(study, StimulusTest) and study.design.monadic else ()
    paired = isinstance(study, StimulusTest) and study.design.paired
    return PanelFacts(
        model=str(job.asking.model),
        elicit=job.asking.elicit,
        frame=job.asking.frame,
        panel=job.sources.spec.id,
        panel_key=content_key("sources1", job.sources.model_dump(mode="json")),
        n=len(job.panel.respondents),
        prompts=tuple((prompt.id, prompt.hash) for prompt in own.scene.prompts.used()),
        features=(*measures, *((PREFERENCE,) if paired else ())),
    )


def draw_for(study: Study, sources: PanelSources) -> Panel:
    """The panel of `study`, drawn from its sources."""
    match study:
        case MessageTest() | ConceptTest():
            anti = study.n // 2 if study.controls.anti_icp and sources.anti_personas else 0
            return draw_panel(sources, study.n, study.seed, anti_n=anti)
        case InterviewStudy() | HypothesisStudy() | SurveyStudy():
            return draw_panel(sources, study.n, study.seed)
        case DiscussionStudy():
            return draw_panel(sources, study.groups * study.size, study.seed)
        case InventoryStudy():
            if study.doses is None:
                return draw_panel(sources, study.n, study.seed)
            return dose_panel(study, draw_panel(sources, study.doses.personas, study.seed))
        case CommitteeStudy():
            wanted = study.controls.anti_icp and sources.anti_personas
            return draw_committees(sources, study.n, study.seed, anti=max(1, study.n // 2) if wanted else 0)
        case AblationStudy():
            return add_twins(draw_panel(sources, study.n, study.seed), study)
        case _:
            assert_never(study)


def build_job(
    study: Study,
    sources: PanelSources,
    panel: Panel,
    asking: Asking,
    prompts: Prompts,
) -> Job:
    """The job of a run whose panel and asking are known: the same arguments give the same calls."""
    instrument = read_instrument(study, prompts) if isinstance(study, InventoryStudy) else None
    controls = read_control_hypotheses(prompts) if isinstance(study, HypothesisStudy) else None
    plan = plan_study(study, panel, read_decoys(prompts, study), instrument, controls)
    buyers = Buyers(
        panel,
        {persona.id: persona for persona in (*sources.personas, *sources.anti_personas)},
        parse_trait_words(prompts.text("traits/hexaco")),
        parse_decision_words(prompts.text("traits/decision")),
        sources.icps + sources.anti_icps,
    )
    channel = _channel_of(study)
    scene = Scene(
        asking=asking,
        prompts=prompts,
        buyers=buyers,
        stimuli={stimulus.id: stimulus for stimulus in plan.stimuli},
        measures=read_measures(prompts, measures_of(study)),
        shows_concepts=isinstance(study, ConceptTest),
        channel=channel,
        channels=read_channels(prompts, channel),
        guide=study.guide if isinstance(study, InterviewStudy | DiscussionStudy) else None,
        probes=read_probes(prompts),
        committee=read_seat_wordings(prompts) if isinstance(study, CommitteeStudy) else None,
        moderator=read_moderator_words(prompts) if isinstance(study, DiscussionStudy) else None,
        positions=_positions(study, controls),
        questionnaire=(
            read_questionnaire(prompts, study.questions, study.about)
            if isinstance(study, SurveyStudy)
            else None
        ),
        grounds=Grounds(sources.notes),
        inventory=_inventory(study, panel, instrument, prompts),
    )
    return Job(study, sources, panel, asking, plan, scene, instrument)


def _channel_of(study: Study) -> str:
    """Where a stimulus is met; nothing in a study that shows none."""
    match study:
        case InterviewStudy() | InventoryStudy() | HypothesisStudy() | SurveyStudy():
            return ""
        case _:
            return study.channel


def _positions(study: Study, controls: ControlHypotheses | None) -> Positions | None:
    if controls is None or not isinstance(study, HypothesisStudy):
        return None
    return Positions({one.id: one for one in posed_in(study, controls)}, study.neither)


def read_instrument(study: InventoryStudy, prompts: Prompts) -> Instrument:
    """The items that `study` asks. Raises `InputError` if there are too few."""
    whole = parse_instrument(study.instrument, prompts.text(file_of(study.instrument)))
    return choose_items(whole, half=study.half, per_scale=study.per_scale, seed=study.seed)


def _inventory(
    study: Study, panel: Panel, instrument: Instrument | None, prompts: Prompts
) -> Inventory | None:
    if instrument is None or not isinstance(study, InventoryStudy):
        return None
    return Inventory(
        kind=instrument.kind,
        form=study.form,
        items={item.id: item for item in instrument.items},
        natures=Natures(panel.people(), study.form, study.asserted, prompts),
    )


def measures_of(study: Study) -> tuple[str, ...]:
    """The measures that `study` asks for."""
    match study:
        case MessageTest() | ConceptTest():
            return study.measures
        case AblationStudy():
            return (study.measure,)
        case DiscussionStudy():
            return (study.measure,) if study.stimulus else ()
        case InterviewStudy() | CommitteeStudy() | InventoryStudy() | HypothesisStudy() | SurveyStudy():
            return ()
        case _:
            assert_never(study)


def resolve_asking(study: Study, settings: Settings) -> Asking:
    """How the study's calls are put, its defaults filled in. Raises `InputError` if a model is not there."""
    options = Options(cache_dir=settings.cache_dir, openai_api_key=settings.openai_api_key)
    model = resolve_model_ref(parse_model_ref(study.model, study.base_url), options)
    elicit, frame = SMALL_MODEL if model.provider in ("embedded", "scripted") else LARGE_MODEL
    match study:
        case MessageTest() | ConceptTest() | AblationStudy() | CommitteeStudy() | DiscussionStudy():
            elicit, frame = study.elicit or elicit, study.frame or frame
        case InterviewStudy():
            elicit, frame = INTERVIEW
        case HypothesisStudy() | SurveyStudy():
            elicit = study.elicit or ("logprob" if elicit == "logprob" else "direct")
            frame = study.frame or frame
        case InventoryStudy():
            by_default: Elicitation = "logprob" if elicit == "logprob" else "direct"
            elicit = study.elicit or by_default
            frame = "third_person" if study.form == "third_person" else "first_person"
        case _:
            assert_never(study)
    return Asking(
        model=model,
        embedding_model=_embedding_model(study, model, elicit, options),
        elicit=elicit,
        frame=frame,
        temperature=DEFAULT_TEMPERATURE if study.temperature is None else study.temperature,
        seed=study.seed,
    )


def model_names(study: Study) -> tuple[str, ...]:
    """Names of the embedded models that `study` asks, as its file says them."""
    names = [study.model] if study.model.startswith("embedded") else []
    if isinstance(study, StimulusTest | AblationStudy | DiscussionStudy):
        elicit = study.elicit or (LARGE_MODEL if not names else SMALL_MODEL)[0]
        given = study.embedding_model or f"embedded/{DEFAULT_EMBEDDING}"
        scripted = study.model.startswith("scripted/") and study.embedding_model is None
        if elicit == "reaction" and given.startswith("embedded") and not scripted:
            names.append(given)
    calibration = study.calibration if isinstance(study, MessageTest) else None
    if calibration is not None and calibration.embedding_model:
        names.append(calibration.embedding_model)
    return tuple(parse_model_ref(name).name for name in names)


def _embedding_model(study: Study, model: ModelRef, elicit: Elicitation, options: Options) -> ModelRef:
    """The model that embeds; it must be there only if the elicitation embeds anything."""
    embeds = elicit == "reaction" and not isinstance(study, CommitteeStudy)
    embedding = StimulusTest | AblationStudy | DiscussionStudy
    given = study.embedding_model if isinstance(study, embedding) else None
    if given is None and model.provider == "scripted":
        return model
    ref = parse_model_ref(given or f"embedded/{DEFAULT_EMBEDDING}")
    return resolve_model_ref(ref, options) if embeds else ref


_DECOYS: TypeAdapter[tuple[str, ...]] = TypeAdapter(tuple[str, ...])


def read_decoys(prompts: Prompts, study: Study) -> tuple[str, ...]:
    """The decoys for `study` in the prompt file `controls` or, of concepts, `concept_controls`.

    Raises `InputError` if it holds none.
    """
    name = "concept_controls" if isinstance(study, ConceptTest) else "controls"
    value: object = yaml.safe_load(prompts.text(name))
    try:
        return _DECOYS.validate_python(value.get("decoys") if isinstance(value, dict) else None)
    except ValidationError as error:
        raise InputError(f"prompt file {name!r} must hold a list of texts under 'decoys'") from error
