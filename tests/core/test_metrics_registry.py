import inspect
from importlib import import_module
from pathlib import Path

from panelsim.metrics import METRICS

FOLDER = Path(__file__).parents[2] / "src/panelsim/metrics"
HELPERS = {
    "bootstrap.resamples_of",
    "bootstrap.mean_draws",
    "bootstrap.freedom_of",
    "bootstrap.estimate_of",
    "bootstrap.estimate_mean",
    "bootstrap.rounded",
    "forecast.auc_of_draws",
    "forecast.group_draws",
    "forecast.mean_of_draws",
    "forecast.normal_p",
    "forecast.winner_p",
    "identity.orders_of",
    "choice.winners",
    "separation.placements_of",
    "choice.win_probabilities",
    "dose.ranks_of",
    "dose.slope_draws",
    "recital.words_of",
}
"""Steps of a registered statistic, not statistics of their own."""


def test_every_public_function_is_registered_or_a_named_step() -> None:
    public = set()
    for file in FOLDER.glob("*.py"):
        module = import_module(f"panelsim.metrics.{file.stem}") if file.stem != "__init__" else None
        for name, made in vars(module).items() if module else ():
            if (
                inspect.isfunction(made)
                and made.__module__ == f"panelsim.metrics.{file.stem}"
                and name[0] != "_"
            ):
                public.add(f"{file.stem}.{name}")
    assert public == {metric.function for metric in METRICS.values()} | HELPERS


def test_every_metric_is_explained_in_the_method_page() -> None:
    page = (Path(__file__).parents[2] / "docs/method.md").read_text(encoding="utf-8")
    assert [name for name in METRICS if f"`{name}`" not in page] == []
