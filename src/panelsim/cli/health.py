"""What `doctor` looks at."""

import importlib.util
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

from panelsim import __version__
from panelsim.cli.output import size
from panelsim.errors import PanelsimError
from panelsim.providers.catalogue import CATALOGUE, DEFAULT_CHAT, DEFAULT_EMBEDDING
from panelsim.providers.model_files import is_pulled, local_model
from panelsim.settings import Settings, read_settings
from panelsim.store.store import Store

EXTRAS = {
    "embedded": ("xllamacpp", "models on this machine, the default among them"),
    "reports": ("vl_convert", "drawn charts in HTML reports; without it tables stand alone"),
    "workers": ("dbos", "the durable engine, and a store on PostgreSQL for a pool of workers"),
    "telemetry": ("prometheus_client", "metrics and traces of runs"),
    "analysis": ("duckdb", "exports of the store as Parquet"),
}
"""Extra: the module that shows it is installed, and what it is for."""
KEYS = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "GEMINI_API_KEY", "AZURE_API_KEY", "MISTRAL_API_KEY")


class Check(NamedTuple):
    """One thing looked at."""

    name: str
    state: Literal["ok", "absent", "broken"]
    found: str


def checks() -> tuple[Check, ...]:
    """All checks, in the order in which they are told. Raises `InputError` if the settings cannot be read."""
    settings = read_settings()
    return (
        Check("panelsim", "ok", __version__),
        Check("Python", "ok", ".".join(str(part) for part in sys.version_info[:3])),
        *_extras(),
        _store(settings),
        _cache(settings),
        *_models(settings),
        *_keys(),
        Check("browser", "ok", "not needed: charts are drawn without one"),
    )


def _extras() -> Iterator[Check]:
    for extra, (module, purpose) in EXTRAS.items():
        if importlib.util.find_spec(module) is not None:
            yield Check(f"extra {extra}", "ok", purpose)
        else:
            yield Check(f"extra {extra}", "absent", f"pip install 'panelsim[{extra}]' for {purpose}")


def _store(settings: Settings) -> Check:
    try:
        with Store.open(settings.store_url) as store:
            runs, answers = len(store.heads()), store.count()
            with tempfile.TemporaryFile(dir=Path(store.place).parent):
                pass
    except (PanelsimError, OSError) as error:
        return Check("store", "broken", str(error))
    return Check("store", "ok", f"{store.place}: {runs} runs, {answers:,} answers")


def _cache(settings: Settings) -> Check:
    folder = settings.cache_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return Check("model folder", "broken", f"{folder} cannot be written: {error.strerror}")
    return Check("model folder", "ok", str(folder))


def _models(settings: Settings) -> Iterator[Check]:
    for entry in CATALOGUE:
        name = f"model {entry.name}"
        if not is_pulled(entry.name, settings.cache_dir):
            if entry.name in (DEFAULT_CHAT, DEFAULT_EMBEDDING):
                yield Check(name, "absent", f"fetched on first use ({size(entry.bytes)})")
            continue
        try:
            model = local_model(entry.name, settings.cache_dir)
        except PanelsimError as error:
            yield Check(name, "broken", str(error))
        else:
            yield Check(name, "ok", f"here and verified ({model.name})")


def _keys() -> Iterator[Check]:
    for key in KEYS:
        if os.environ.get(key):
            yield Check(key, "ok", "set (not shown, not tried)")
        elif key == "OPENAI_API_KEY":
            yield Check(key, "absent", "not set; needed for openai/… at OpenAI's own address only")
