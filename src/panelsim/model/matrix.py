"""The persona matrix: personas by ICPs, with role, rule and what the last test said."""

from typing import Literal, TypeAlias

from panelsim.model.analysis import VerdictWord
from panelsim.model.base import Frozen
from panelsim.model.icp import Polarity
from panelsim.model.panel import CommitteeRole
from panelsim.model.persona import Authority

Fit: TypeAlias = Literal["holds", "unsaid", "broken"]
"""`unsaid`: the ICP does not state what the rule asks for."""


class LastResult(Frozen):
    """The newest finished message test that respondents of one persona in one ICP took part in."""

    run_id: str
    date: str
    """YYYY-MM-DD."""
    as_control: bool
    """They were asked as people outside the ICP."""
    word: VerdictWord | None
    """Absent if the run could not be read."""
    leader: str = ""
    """Text of the variant that leads; empty unless the verdict is a lead or a lean, and for controls."""
    own_leader: str = ""
    """Text of the variant that leads with this persona, if personas are led by different ones."""
    problem: str = ""
    """Why the run could not be read."""


class Cell(Frozen):
    """One persona in one ICP that it names."""

    icp: str
    rule: str
    """The conditions under which the persona exists, in words; empty if there are none."""
    fit: Fit
    broken: str = ""
    """The condition that no company of the ICP meets; empty if there is none."""
    last: LastResult | None = None
    """Absent: not tested."""


class Row(Frozen):
    """One persona."""

    persona: str
    title: str
    version: int
    status: str
    role: CommitteeRole
    authority: Authority
    cells: tuple[Cell, ...]


class Column(Frozen):
    """One ICP."""

    id: str
    title: str
    polarity: Polarity


class Matrix(Frozen):
    """Personas by ICPs."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def broken(self) -> tuple[str, ...]:
        """What is wrong, one sentence for each mapping that breaks a rule."""
        return tuple(
            f"{row.persona} cannot exist in {cell.icp}: it needs {cell.broken}, which no company of "
            f"{cell.icp} has"
            for row in self.rows
            for cell in row.cells
            if cell.fit == "broken"
        )
