"""Preparing an evaluation: a benchmark's folder becomes material and trials, before anything is asked."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import yaml

from panelsim.errors import InputError
from panelsim.evaluation.material import Evidence, Material, Trial
from panelsim.evaluation.registry import scorer_of
from panelsim.evaluation.scoring import MISSING, check_names
from panelsim.files import read_prompt_texts
from panelsim.files.benchmarks import (
    benchmark_folder,
    read_benchmark,
    read_own_prompts,
    read_reference,
    read_rows,
)
from panelsim.keys import content_key
from panelsim.model.benchmark import Benchmark
from panelsim.model.call import ModelRef
from panelsim.model.panel import Panel
from panelsim.model.report import PromptFacts, SourceFacts
from panelsim.model.sources import PanelSources
from panelsim.model.study import Asking
from panelsim.planning.draw import draw_panel
from panelsim.prompts import Prompts
from panelsim.providers import Options, parse_model_ref, resolve_model_ref
from panelsim.recording.shelf import known_ref
from panelsim.service.reports import panel_facts
from panelsim.service.sources import read_sources
from panelsim.sessions.buyer import Buyer, Buyers
from panelsim.settings import Settings
from panelsim.traits.words import parse_decision_words, parse_trait_words


@dataclass(frozen=True)
class EvalJob:
    """A benchmark with everything decided, ready to be asked or replayed."""

    folder: Path
    benchmark: Benchmark
    material: Material
    trials: tuple[Trial, ...]
    """Those of a lane stand together."""
    sources: tuple[SourceFacts, ...]
    texts: tuple[PromptFacts, ...]
    """Files of words that prompts are made with and that are no prompts themselves: measures and traits."""


def prepare(name_or_path: str, *, model: str = "", base_url: str = "", data: Path | None = None) -> EvalJob:
    """The job of a benchmark by name or folder; `model` is asked in place of the benchmark's own.

    `data` is the folder with the answers of people that a benchmark may need. Nothing else needs to be on
    this machine but the files of the benchmark. Raises `InputError` for what is wrong with it, `NeedsData`
    if it needs answers that are not there.
    """
    folder = benchmark_folder(name_or_path)
    benchmark = read_benchmark(folder)
    if model:
        benchmark = benchmark.model_copy(update={"model": model, "base_url": base_url})
    scorer = scorer_of(benchmark.id)
    prompts = Prompts({**read_prompt_texts(), **read_own_prompts(folder)})
    sources = _sources(benchmark, folder)
    panel = None if sources is None else draw_panel(sources, benchmark.n, benchmark.seed)
    material = Material(
        benchmark=benchmark,
        asking=_asking(benchmark),
        prompts=prompts,
        buyers={} if panel is None or sources is None else _buyers(panel, sources, prompts),
        rows=_rows(benchmark, folder, data, prompts),
        panel=panel,
    )
    trials = by_lane(scorer.trials(material))
    facts = () if sources is None else panel_facts(sources)
    return EvalJob(folder, benchmark, material, trials, facts, _texts(prompts) if facts else ())


def _rows(
    benchmark: Benchmark, folder: Path, data: Path | None, prompts: Prompts
) -> tuple[dict[str, str], ...]:
    scorer = scorer_of(benchmark.id)
    if scorer.shipped is not None:
        if benchmark.data or benchmark.reference is not None:
            raise InputError(
                f"benchmark {benchmark.id!r} reads shipped files, expected neither data nor reference"
            )
        return scorer.shipped(benchmark, prompts)
    if benchmark.reference is None:
        return read_rows(benchmark, folder)
    rows_of = scorer.rows
    if rows_of is None:
        raise InputError(f"benchmark {benchmark.id!r} reads no reference, expected its data under 'data'")
    return rows_of(read_reference(benchmark, data))


def _texts(prompts: Prompts) -> tuple[PromptFacts, ...]:
    found = []
    for name in (*prompts.ids("measures"), *prompts.ids("traits")):
        text = prompts.text(name)
        value = yaml.safe_load(text)
        version = value.get("version", 1) if isinstance(value, dict) else 1
        found.append(PromptFacts(id=name, version=version, key=content_key("text1", text)))
    return tuple(found)


def _sources(benchmark: Benchmark, folder: Path) -> PanelSources | None:
    if not benchmark.panel:
        return None
    beside = folder / benchmark.panel
    return read_sources(str(beside) if beside.is_file() else benchmark.panel)


def _buyers(panel: Panel, sources: PanelSources, prompts: Prompts) -> dict[str, Buyer]:
    buyers = Buyers(
        panel,
        {persona.id: persona for persona in (*sources.personas, *sources.anti_personas)},
        parse_trait_words(prompts.text("traits/hexaco")),
        parse_decision_words(prompts.text("traits/decision")),
        sources.icps + sources.anti_icps,
    )
    return dict(buyers)


def _asking(benchmark: Benchmark) -> Asking:
    model = parse_model_ref(benchmark.model, benchmark.base_url)
    embeds = benchmark.embedding_model and model.provider != "scripted"
    words = parse_model_ref(benchmark.embedding_model) if embeds else model
    return Asking(
        model=known_ref(model),
        embedding_model=known_ref(words),
        elicit=benchmark.elicit,
        frame=benchmark.frame,
        temperature=benchmark.temperature,
        seed=benchmark.seed,
    )


def by_lane(trials: Iterable[Trial]) -> tuple[Trial, ...]:
    """The trials with those of a lane together; raises `InputError` if two have one id."""
    lanes: dict[str, list[Trial]] = {}
    seen: set[str] = set()
    for at, trial in enumerate(trials):
        if trial.id in seen:
            raise InputError(f"two trials are called {trial.id!r}, expected a name for each")
        seen.add(trial.id)
        lanes.setdefault(trial.lane or f"\0{at}", []).append(trial)
    return tuple(trial for lane in lanes.values() for trial in lane)


def check_models(job: EvalJob, settings: Settings) -> None:
    """Raises `InputError` if a model of the job cannot be asked from here."""
    options = Options(cache_dir=settings.cache_dir, openai_api_key=settings.openai_api_key)
    for ref in {job.material.asking.model, job.material.asking.embedding_model}:
        resolve_model_ref(ref, options)


def check_gates(job: EvalJob) -> None:
    """Raises `InputError` if a gate or a ceiling names a figure that the benchmark does not have.

    Known before the first call: a benchmark of which nothing was said has the same figures, each absent.
    """
    nothing = Evidence(job.benchmark, job.material.rows, job.material.panel, {})
    found = scorer_of(job.benchmark.id).score(nothing)
    check_names(job.benchmark, [*(one.figure.name for one in found.figures), MISSING])


def slug(model: ModelRef) -> str:
    """The model's name in the names of files, without its hash: `embedded-qwen2.5-1.5b`."""
    return re.sub(r"[^a-z0-9._-]+", "-", f"{model.provider}-{model.name.partition('@')[0]}".lower())
