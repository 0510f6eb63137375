"""Models on this machine: which ones a study needs, and fetching those that are missing."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from panelsim.errors import InputError
from panelsim.model.study import MessageTest, Study
from panelsim.providers import parse_model_ref
from panelsim.providers.catalogue import ModelEntry, entry_of
from panelsim.providers.model_files import local_model, pull
from panelsim.providers.model_sources import Progress
from panelsim.service.prepare import model_names
from panelsim.settings import Settings

STAND_IN = "scripted/sensible"

Watch = Callable[[ModelEntry], AbstractContextManager[Progress]]
"""Opens a listener for the download of one model."""


def missing_models(study: Study, settings: Settings) -> tuple[ModelEntry, ...]:
    """The catalogue's models that `study` needs and this machine does not have.

    Raises `InputError` for a model that is neither here nor in the catalogue, `ProviderError` for a file
    that is not what the catalogue says.
    """
    missing = []
    for name in model_names(study):
        try:
            local_model(name, settings.cache_dir)
        except InputError:
            if name.endswith(".gguf"):
                raise
            missing.append(entry_of(name))
    return tuple(missing)


def stood_in(study: Study, settings: Settings) -> Study:
    """`study` with a scripted model in place of each that is not on this machine yet.

    It can be planned and checked before anything is fetched; its calls are not those of the study.
    """
    missing = {entry.name for entry in missing_models(study, settings)}
    change: dict[str, str | None] = {}
    if study.model.startswith("embedded") and parse_model_ref(study.model).name in missing:
        missing -= {parse_model_ref(study.model).name}
        change["model"] = STAND_IN
        if isinstance(study, MessageTest):
            change["calibration"] = None  # whether it holds for the model is checked once that is here
    if missing:
        change["embedding_model"] = STAND_IN
    return study.model_copy(update=change)


def pull_models(study: Study, settings: Settings, watch: Watch) -> None:
    """Fetches the missing models of `study`; `ProviderError` if one cannot be had."""
    for entry in missing_models(study, settings):
        with watch(entry) as progress:
            pull(entry.name, settings.cache_dir, progress)
