"""Panels: the concrete buyers drawn from personas, with their company facts and traits."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from panelsim.model.base import Frozen, Many

Arm = Literal["target", "anti"]
"""`target` respondents fit the ICP; `anti` respondents come from an anti-ICP and serve as a control."""

CommitteeRole = Literal["champion", "economic", "technical", "user", "sponsor", "procurement", "blocker"]


class Hexaco(Many):
    """Trait levels as standard scores: 0 is the population mean, 1 one standard deviation above it."""

    honesty_humility: Annotated[float, Field(ge=-4, le=4)] = 0.0
    emotionality: Annotated[float, Field(ge=-4, le=4)] = 0.0
    extraversion: Annotated[float, Field(ge=-4, le=4)] = 0.0
    agreeableness: Annotated[float, Field(ge=-4, le=4)] = 0.0
    conscientiousness: Annotated[float, Field(ge=-4, le=4)] = 0.0
    openness: Annotated[float, Field(ge=-4, le=4)] = 0.0


Share = Annotated[float, Field(ge=0, le=1)]


class Decision(Many):
    """How a buyer decides, each from 0 (none) to 1 (as strong as it gets).

    Traits give a persona its voice; these parameters give it its decisions.
    """

    risk_tolerance: Share = 0.5
    price_sensitivity: Share = 0.5
    proof_demanded: Share = 0.5
    status_quo_pull: Share = 0.5
    loss_aversion: Share = 0.5
    authority: Share = 0.5
    """How far the buyer can decide alone: 0 none, 1 signs without asking."""


class CompanyFacts(Many):
    """The respondent's company, drawn from the ranges of an ICP."""

    industry: str
    headcount: Annotated[int, Field(ge=1)]
    revenue_musd: Annotated[float, Field(ge=0)] | None = None
    """Yearly revenue in millions of US dollars; absent if the ICP states no range."""
    region: str
    growth_stage: str = ""
    stack: tuple[str, ...] = ()
    """Tools in use."""
    incumbent: str = ""
    """The tool a newcomer would replace; empty if there is none."""
    signal: str = ""
    """One growth signal (hiring, funded, expanding), if any."""
    challenge: str = ""


Treatment = Literal["on", "off", "shuffled"]
"""How a respondent of an ablation carries traits: its own, none, or those of another respondent."""


class Twin(Many):
    """What makes a respondent the copy of another one: everything is the same but the traits."""

    of: str
    """Id of the original, which stands before its twins in the panel."""
    treatment: Treatment
    traits_of: str = ""
    """Id of the respondent whose traits it carries; empty if it carries none."""


class Respondent(Many):
    """One concrete buyer."""

    id: str
    """Unique in the panel: `vp-sales-03`."""
    persona: str
    icp: str
    arm: Arm = "target"
    role: CommitteeRole
    name: str
    title: str
    company: CompanyFacts
    traits: Hexaco
    decision: Decision
    in_market: bool
    """True if a buying trigger has occurred for this respondent."""
    trigger: str = ""
    """The trigger that occurred; empty when not in market."""
    weight: Annotated[float, Field(gt=0)] = 1.0
    account: Annotated[str, Field(exclude_if=lambda account: account == "")] = ""
    """The company in whose committee the respondent sits: `c1`. Not written outside committees."""
    twin: Twin | None = None
    """Absent: nobody's copy."""


class Panel(Frozen):
    """The respondents of a study, in drawing order, with the seed that gives them again."""

    id: str
    seed: int
    respondents: Annotated[tuple[Respondent, ...], Field(min_length=1)]


class PersonaShare(Frozen):
    """How much of a panel one persona makes up; YAML may write the persona alone."""

    persona: Annotated[str, Field(min_length=1)]
    """Id of a persona, or path of its file."""
    weight: Annotated[float, Field(gt=0)] = 1.0
    """Relative to the panel's other personas."""
    min: Annotated[int, Field(ge=0)] | None = None
    """Fewest respondents; absent: no quota."""
    max: Annotated[int, Field(ge=0)] | None = None
    min_share: Share | None = None
    """Smallest share of the panel; absent: no quota."""
    max_share: Share | None = None

    @model_validator(mode="before")
    @classmethod
    def _persona_alone(cls, value: object) -> object:
        return {"persona": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}, expected min <= max")
        if self.min_share is not None and self.max_share is not None and self.min_share > self.max_share:
            raise ValueError(f"min_share {self.min_share} is above max_share {self.max_share}")
        return self


class PanelSpec(Frozen):
    """What a panel is drawn from."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")]
    title: str = ""
    version: Annotated[int, Field(ge=1)] = 1
    icps: Annotated[tuple[str, ...], Field(min_length=1)]
    """Ids of ICPs, or paths of their files."""
    personas: Annotated[tuple[PersonaShare, ...], Field(min_length=1)]
    anti_icps: tuple[str, ...] = ()
    """ICPs of negative polarity, from which the control arm is drawn; empty: no such arm."""
    anti_personas: tuple[PersonaShare, ...] = ()
    n: Annotated[int, Field(ge=1, le=100_000)] = 24
    """Respondents if the study does not say."""
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 7

    @model_validator(mode="after")
    def _both_or_none(self) -> Self:
        if bool(self.anti_icps) != bool(self.anti_personas):
            raise ValueError("anti_icps and anti_personas go together, found only one of them")
        return self
