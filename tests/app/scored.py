"""What respondents of a test said to a benchmark: its figures, computed once, and the gates they miss."""

from functools import cached_property

from panelsim.evaluation.finding import Findings
from panelsim.evaluation.gates import judge
from panelsim.evaluation.material import Evidence
from panelsim.evaluation.registry import scorer_of
from panelsim.evaluation.scoring import missing_share
from panelsim.model.benchmark import Figure, GateState


class Scored(Evidence):
    """Evidence that is scored once, however often it is looked at."""

    @cached_property
    def findings(self) -> Findings:
        """Figures and tables."""
        return scorer_of(self.benchmark.id).score(self)

    @property
    def figures(self) -> dict[str, Figure]:
        """By name."""
        found = (*self.findings.figures, missing_share(self.said.values()))
        return {one.figure.name: one.figure for one in found}

    @property
    def missed(self) -> dict[str, GateState]:
        """The gates that do not hold."""
        found = self.figures
        results = [judge(gate, found[gate.figure]) for gate in self.benchmark.gates]
        return {one.gate.figure: one.state for one in results if one.state != "holds"}

    def value(self, name: str) -> float:
        """Of a figure that could be computed."""
        found = self.figures[name].value
        assert found is not None
        return found


def reds(*names: str) -> dict[str, str]:
    """Gates that are red."""
    return dict.fromkeys(names, "red")
