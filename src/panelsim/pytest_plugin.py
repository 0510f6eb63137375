"""The pytest plugin: `def test_panel(panelsim_eval): ...` gates a team's own panel in its own tests.

    def test_our_panel_is_stable(panelsim_eval):
        card = panelsim_eval("stability", model="openai/gpt-4o-mini", live=True)
        assert card.holds, panelsim_eval.told(card)

Imports nothing of panelsim until a test asks for the fixture.
"""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from panelsim.model.benchmark import EvalRun, GateResult, Scorecard


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the options of the plugin."""
    group = parser.getgroup("panelsim", "evaluations of simulated panels")
    group.addoption(
        "--panelsim-model", default="", metavar="PROVIDER/NAME", help="Model that evaluations are run on."
    )
    group.addoption(
        "--panelsim-live", action="store_true", help="Ask the model instead of playing its recording."
    )


class PanelsimEval:
    """Runs benchmarks, by name or folder; a benchmark's gates are in its `benchmark.yaml`."""

    def __init__(self, model: str, *, live: bool) -> None:
        self._model = model
        self._live = live
        self.runs: list[EvalRun] = []
        """What was run, in order: to be compared or kept."""

    def __call__(
        self, name: "str | Path", *, model: str = "", base_url: str = "", live: bool = False
    ) -> "Scorecard":
        """The scorecard of a benchmark from its recording, or asked with `live`. Gates are not asserted.

        One that needs answers of people reads them from PANELSIM_EVAL_DATA, and raises `NeedsData` without.
        """
        from panelsim.evaluation.scoring import score_run
        from panelsim.service.evals import ask_benchmark, prepare, replay_benchmark
        from panelsim.settings import read_settings

        settings = read_settings()
        job = prepare(str(name), model=model or self._model, base_url=base_url, data=settings.eval_data)
        run = ask_benchmark(job, settings) if live or self._live else replay_benchmark(job)
        self.runs.append(run)
        return score_run(run)

    def check(self, card: "Scorecard", *, allow_amber: bool = False) -> None:
        """Fails the test, and says why, if a gate of `card` does not hold or could not be computed."""
        if self._missed(card, allow_amber=allow_amber):
            pytest.fail(self.told(card, allow_amber=allow_amber), pytrace=False)

    def told(self, card: "Scorecard", *, allow_amber: bool = False) -> str:
        """A line for each gate that does not hold; `every gate holds` if there is none."""
        missed = self._missed(card, allow_amber=allow_amber)
        lines = [f"  {gate.state}: {gate.gate.figure} is {gate.found}" for gate in missed]
        return "\n".join([f"{card.benchmark} on {card.facts.model}:", *(lines or ["  every gate holds"])])

    def _missed(self, card: "Scorecard", *, allow_amber: bool) -> "list[GateResult]":
        passing = ("holds", "amber") if allow_amber else ("holds",)
        return [gate for gate in card.gates if gate.state not in passing]


@pytest.fixture
def panelsim_eval(request: pytest.FixtureRequest) -> PanelsimEval:
    """Runs a benchmark and returns its scorecard: `panelsim_eval("stability")`."""
    return PanelsimEval(
        str(request.config.getoption("--panelsim-model")),
        live=bool(request.config.getoption("--panelsim-live")),
    )
