"""Showing what a study would take."""

from collections.abc import Callable

from pydantic import JsonValue

from panelsim.cli import output
from panelsim.model.study import Study
from panelsim.providers import parse_model_ref
from panelsim.providers.prices import parse_prices, priced
from panelsim.service.estimate import Amount, CostEstimate, estimate_study
from panelsim.service.models import missing_models
from panelsim.service.workspace import open_workspace


def show(study: Study, *, as_json: bool) -> None:
    """The estimate of `study` as a table, or as JSON."""
    with open_workspace() as workspace:
        missing = missing_models(study, workspace.settings)
        estimate = estimate_study(study, workspace)
        asked = parse_model_ref(study.model, study.base_url)
        price = priced(asked, parse_prices(workspace.settings.prices))
    if as_json:
        pulls: list[JsonValue] = [{"name": entry.name, "bytes": entry.bytes} for entry in missing]
        output.print_json(
            {
                "study": study.id,
                "model": study.model,
                "max_cost_usd": study.max_cost_usd,
                "price_source": price.source,
                **estimate.model_dump(mode="json"),
                "to_fetch": pulls,
            }
        )
        return
    _print(study, estimate, price.source)
    for entry in missing:
        output.out().print(f"First use fetches {entry.title} ({output.size(entry.bytes)}).", markup=False)


def _known(estimate: CostEstimate) -> str:
    if estimate.is_drawn:
        return f"Known already: {estimate.known_calls:,} answers."
    return "Estimated from a smaller panel; answers that are known already were not looked for."


def _print(study: Study, estimate: CostEstimate, source: str) -> None:
    console = output.out()
    console.print(
        f"Study {study.id}: {estimate.sessions:,} sessions with {study.model}, cap "
        f"{output.dollars(study.max_cost_usd)}. {_known(estimate)}",
        markup=False,
    )
    lines: dict[str, Callable[[Amount], str]] = {
        "Calls": lambda amount: f"{amount.calls:,}",
        "Prompt tokens": lambda amount: f"{amount.prompt_tokens:,}",
        "Answer tokens": lambda amount: f"{amount.completion_tokens:,}",
        "US dollars": lambda amount: output.dollars(amount.cost_usd),
    }
    if estimate.likely.seconds is not None:
        lines["Time, two cores, very rough"] = lambda amount: output.duration(amount.seconds or 0)
    columns = (estimate.low, estimate.likely, estimate.high)
    output.print_table(
        ("", "Low", "Likely", "High"),
        ((name, *(tell(amount) for amount in columns)) for name, tell in lines.items()),
    )
    console.print(f"Tokens are counted as four characters each; price: {source}.", markup=False)
    if estimate.high.cost_usd > study.max_cost_usd:
        console.print("The cap may be reached: a run then stops, keeps its answers and can be resumed.")
