"""The workspace of a process: settings, prompt files and the store, opened once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from panelsim.drawing import Draw, vega_lite_drawing
from panelsim.files import read_prompt_texts
from panelsim.model.call import Call, Completion
from panelsim.prompts import Prompts
from panelsim.providers.prices import PICO, cost_pico, parse_prices, price_of
from panelsim.settings import Settings, read_settings
from panelsim.store.store import Store
from panelsim.store.writer import untold
from panelsim.telemetry import SILENT, Telemetry, TelemetryOptions, open_telemetry


@dataclass(frozen=True)
class Workspace:
    """What every use case works with."""

    settings: Settings
    prompt_texts: dict[str, str]
    store: Store
    telemetry: Telemetry = SILENT
    """Who listens to the runs that this process drives."""

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


@contextmanager
def observed(workspace: Workspace) -> Iterator[Workspace]:
    """`workspace` with the telemetry that its settings ask for: for commands that drive runs.

    Raises `InputError` if it cannot be had.
    """
    settings = workspace.settings
    given = parse_prices(settings.prices)
    key = settings.openai_api_key

    def cost_of(call: Call, said: Completion) -> float:
        # an attempt is measured before the budget has settled what it cost
        return said.cost_usd or cost_pico(said.usage, price_of(call.model, given)) / PICO

    options = TelemetryOptions(
        level=settings.log,
        form=settings.log_format,
        traces=settings.otel,
        metrics_port=settings.metrics_port,
        secrets=(key.get_secret_value(),) if key else (),
        cost_of=cost_of,
    )
    with open_telemetry(options) as telemetry:
        workspace.store.committed = telemetry.committed
        try:
            yield replace(workspace, telemetry=telemetry)
        finally:
            workspace.store.committed = untold
