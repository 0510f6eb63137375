"""Scripted respondents for inventories: what each would answer to an item, from its levels alone."""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from panelsim.analysis.inventory import inventory_analysis
from panelsim.analysis.readings import Readings
from panelsim.files import read_prompt_texts
from panelsim.model.call import Completion, ModelRef, TokenLogprob
from panelsim.model.inventory import Item
from panelsim.model.panel import CompanyFacts, Decision, Hexaco, Panel, Respondent
from panelsim.model.plan import Transcript
from panelsim.model.recovery import Dose, InventoryAnalysis
from panelsim.model.report import Report
from panelsim.model.study import Asking, Doses, InventoryStudy
from panelsim.planning.doses import dose_panel
from panelsim.planning.plan import plan_study
from panelsim.prompts import Prompts
from panelsim.reporting.build import inventory_report as build_inventory_report
from panelsim.reporting.gleaning import Gleaning
from panelsim.service.prepare import read_instrument
from panelsim.service.sources import read_sources
from panelsim.sessions import script_of
from panelsim.sessions.buyer import Buyers
from panelsim.sessions.nature import Natures
from panelsim.sessions.scene import Inventory, Scene
from panelsim.traits.words import parse_decision_words, parse_trait_words
from tests.builders import facts

PROMPTS = Prompts(read_prompt_texts())
MODEL = ModelRef(provider="scripted", name="sensible")
Levels: TypeAlias = Mapping[str, float]
Mind: TypeAlias = Callable[[Levels, Item], float | None]
"""The expected answer, 1 to 5; None: says nothing that can be read."""

SOURCES = read_sources("sales-trio")
PERSONAS = {persona.id: persona for persona in SOURCES.personas}


def bases(n: int) -> Panel:
    """A panel of `n` respondents of three personas."""
    names = list(PERSONAS)
    return Panel(
        id="bases",
        seed=7,
        respondents=tuple(
            Respondent(
                id=f"{names[at % 3]}-{at // 3 + 1:02d}",
                persona=names[at % 3],
                icp="b2b-saas",
                role="champion",
                name=f"Person {at}",
                title=PERSONAS[names[at % 3]].title,
                company=CompanyFacts(industry="software", headcount=100 + at, region="Europe"),
                traits=Hexaco(openness=0.3),
                decision=Decision(authority=0.9),
                in_market=False,
            )
            for at in range(n)
        ),
    )


def scene_of(study: InventoryStudy, panel: Panel) -> Scene:
    """What the sessions of `study` read."""
    instrument = read_instrument(study, PROMPTS)
    texts = (PROMPTS.text("traits/hexaco"), PROMPTS.text("traits/decision"))
    return Scene(
        asking=Asking(
            model=MODEL,
            embedding_model=MODEL,
            elicit=study.elicit or "logprob",
            frame="first_person",
            temperature=0.7,
            seed=7,
        ),
        prompts=PROMPTS,
        buyers=Buyers(panel, PERSONAS, parse_trait_words(texts[0]), parse_decision_words(texts[1])),
        stimuli={},
        measures={},
        inventory=Inventory(
            kind=instrument.kind,
            form=study.form,
            items={item.id: item for item in instrument.items},
            natures=Natures(panel.people(), study.form, study.asserted, PROMPTS),
        ),
    )


def weighed(value: float) -> Completion:
    """An answer whose expected scale point is `value`."""
    low = min(4, int(value))
    shares = {str(low): low + 1 - value, str(low + 1): value - low}
    top = tuple((digit, math.log(share)) for digit, share in shares.items() if share > 1e-9)
    return Completion(text=top[0][0], logprobs=(TokenLogprob(token=top[0][0], logprob=top[0][1], top=top),))


UNREADABLE = Completion(
    text="well", logprobs=(TokenLogprob(token="well", logprob=0.0, top=(("well", 0.0),)),)
)


def filled_in(study: InventoryStudy, mind: Mind, *, n: int = 9) -> InventoryAnalysis:
    """The analysis of `study` as answered by `mind`, through its own plan and sessions."""
    drawn = bases(study.doses.personas if study.doses else n)
    panel = dose_panel(study, drawn) if study.doses else drawn
    return analysed(study, panel, mind)


def analysed(study: InventoryStudy, panel: Panel, mind: Mind) -> InventoryAnalysis:
    """As `filled_in`, of a panel that is at hand."""
    readings = Readings(study, panel, read_instrument(study, PROMPTS))
    for transcript in transcripts_of(study, panel, mind):
        readings.hear(transcript)
    return inventory_analysis(readings, draws=200)


def transcripts_of(study: InventoryStudy, panel: Panel, mind: Mind) -> Iterator[Transcript]:
    """Every session of `study`, answered by `mind`."""
    scene = scene_of(study, panel)
    instrument = read_instrument(study, PROMPTS)
    items = {item.id: item for item in instrument.items}
    people = panel.people()
    for assignment in plan_study(study, panel, instrument=instrument):
        person = people[assignment.respondent]
        levels: Levels = {**person.traits.domains, **dict(person.decision)}
        script = script_of(assignment, scene)
        calls = next(script)
        asked = assignment.questions
        try:
            while True:
                values = [mind(levels, items[name]) for name in asked]
                said = tuple(UNREADABLE if value is None else weighed(value) for value in values)
                asked = tuple(name for name, value in zip(asked, values, strict=True) if value is None)
                calls = script.send(said[: len(calls)])
        except StopIteration as end:
            yield end.value


def inventory_report() -> tuple[Report, dict[str, Item]]:
    """A small report on situations: half a response to risk, a leak into loss, one scale half unanswered."""
    study = InventoryStudy(
        id="decisions-read-back",
        title="Decisions read back",
        instrument="decision-vignettes",
        half="development",
        per_scale=2,
        doses=Doses(of=("risk_tolerance",), levels=(0.05, 0.95), personas=2),
    )

    def half_heartedly(levels: Levels, item: Item) -> float | None:
        if item.scale == "authority" and item.key == 1:
            return None
        leak = 0.5 * (levels["risk_tolerance"] - 0.5) if item.scale == "loss_aversion" else 0.0
        return 3 + item.key * (2 * (levels[item.scale] - 0.5) - leak)

    panel = dose_panel(study, bases(2))
    instrument = read_instrument(study, PROMPTS)
    readings, gleaning = Readings(study, panel, instrument), Gleaning(study, panel)
    for transcript in transcripts_of(study, panel, half_heartedly):
        readings.hear(transcript)
        gleaning.hear(transcript)
    analysis = inventory_analysis(readings, draws=200)
    report = build_inventory_report(study, panel, instrument, gleaning, analysis, facts())
    return report, {item.id: item for item in instrument.items}


def dose_of(analysis: InventoryAnalysis, name: str) -> Dose:
    """The row of one assigned level."""
    return next(dose for dose in analysis.doses if dose.assigned == name)
