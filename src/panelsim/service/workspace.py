"""The workspace of a process: settings, prompt files and the store, opened once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from panelsim.drawing import Draw, vega_lite_drawing
from panelsim.files import read_prompt_texts
from panelsim.prompts import Prompts
from panelsim.settings import Settings, read_settings
from panelsim.store.store import Store


@dataclass(frozen=True)
class Workspace:
    """What every use case works with."""

    settings: Settings
    prompt_texts: dict[str, str]
    store: Store

    @property
    def draw(self) -> Draw | None:
        """What draws the charts of a report; None without the `reports` extra."""
        return vega_lite_drawing(self.settings.cache_dir / "charts")

    def prompts(self) -> Prompts:
        """The prompt files, with none rendered yet."""
        return Prompts(self.prompt_texts)


@contextmanager
def open_workspace(settings: Settings | None = None) -> Iterator[Workspace]:
    """The workspace of this process. Raises `InputError` or `StoreError` if it cannot be opened."""
    settings = settings or read_settings()
    with Store.open(settings.store_url) as store:
        yield Workspace(settings, read_prompt_texts(), store)
