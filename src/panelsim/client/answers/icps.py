"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from pydantic import Field, JsonValue

from panelsim.client.wire import Answer


class ProfileHead(Answer):
    """A profile in a list."""

    id: str
    """Names it in studies and in other profiles."""
    object: str
    """What this is."""
    title: str
    """In words."""
    source: str
    """`own`: your account's; `shipped`: the server's. An own one stands in for a shipped one of the same id,
    also where shipped profiles name it."""
    version: int
    """1 when it is made, one more with each change; of shipped ones, what their file says."""
    content: str
    """Hash of its meaning: equal if and only if nothing that matters differs."""
    created_at: str | None
    """When this version was made, UTC; null for shipped ones."""
    fault: str
    """Why it can no longer be read, as when a parent was changed; empty if it can."""


class SourceNote(Answer):
    """Where a statement comes from."""

    source: str
    """Who or what was asked or read."""
    date: str | None = None
    """When it was learned; absent if not noted."""
    note: str = ""
    """What was learned there."""


class Industry(Answer):
    """An industry by name; YAML may write the name alone."""

    name: str
    """In words."""
    code: str = ""
    """A classification code with its system (`NAICS 513210`); empty if none was given."""


class Headcount(Answer):
    """Employees of a company."""

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""


class Revenue(Answer):
    """Yearly revenue, kept in millions of US dollars (MUSD)."""

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""


class Percent(Answer):
    """A share or a rate in percent."""

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""


class Firmographics(Answer):
    """What kind of company it is."""

    industries: tuple[Industry, ...] | None = None
    """Industries it may be in."""
    headcount: Headcount | None = None
    """Absent: not stated; then no respondent can be drawn."""
    revenue: Revenue | None = None
    """A year; absent: not stated."""
    market_share: Percent | None = None
    """Absent: not stated."""
    sales_team: Headcount | None = None
    """People in sales; absent: not stated."""
    regions: tuple[str, ...] | None = None
    """Parts of the world."""
    countries: tuple[str, ...] | None = None
    """Countries it may be in."""
    locale: str = "en-US"
    """Language and spelling its people use."""


class Spend(Answer):
    """Money a company can spend, kept in thousands of a stated currency a year."""

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""


class Budget(Answer):
    """What the company can and will spend on a solution like ours."""

    range: Spend
    willingness: str = ""
    """What loosens or tightens the purse, in words."""


class Technographics(Answer):
    """The tools a company runs."""

    uses: tuple[str, ...] | None = None
    """Tools it runs."""
    must_not_use: tuple[str, ...] | None = None
    """Tools that rule it out."""
    incumbents: tuple[str, ...] | None = None
    """Tools that we would replace; one is drawn for each respondent."""


class GrowthRate(Answer):
    """Yearly growth of revenue in percent; a shrinking company is below 0."""

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""


class Growth(Answer):
    """How the company grows, and what shows that it does."""

    rate: GrowthRate | None = None
    """A year; absent: not stated."""
    stages: tuple[str, ...] | None = None
    """Stages it may be in."""
    funding: tuple[str, ...] | None = None
    """How it may be paid for."""
    signals: tuple[str, ...] | None = None
    """Hiring, funded, expanding: usable as "why now"."""


class Behaviour(Answer):
    """How companies of this kind come to buy."""

    pains: tuple[str, ...] | None = None
    """What hurts."""
    triggers: tuple[str, ...] | None = None
    """What makes it look for a solution."""
    decision_process: str = ""
    """How it decides, in words."""


class Predicate(Answer):
    """A condition on an account: field, operator, value. Capitals in texts do not matter."""

    field: str
    """A built-in field, or one that the ICP declares under `account_fields`."""
    op: str
    """How field and value are compared."""
    value: bool | float | str | tuple[float, float] | tuple[str, ...]
    """A number or two (`between`), yes or no, one text, or a list (`in`, `not_in`, `includes_any`)."""
    note: str = ""
    """Why it matters."""


class ScoredNote(Answer):
    """A judgement from 1 (hardly) to 5 (fully), with its reason."""

    score: float
    """From 1 (hardly) to 5 (fully)."""
    note: str
    """The reason."""


class Worth(Answer):
    """What a customer brings in all, kept in thousands of a stated currency."""

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""


class Churn(Answer):
    """Customers lost a year in percent."""

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""


class Promoters(Answer):
    """Net promoter score: percent who recommend us less percent who advise against."""

    min: float
    """The low end, included."""
    max: float
    """The high end, included."""
    unit: str
    """What both ends count."""


class Outcomes(Answer):
    """What became of real customers of this kind. Never estimated: each figure needs a source."""

    lifetime_value: Worth | None = None
    """What a customer brings in all; absent: not known."""
    churn: Churn | None = None
    """Customers lost a year."""
    advocacy: Promoters | None = None
    """How customers recommend us; absent: not known."""
    customers: int
    """Customers behind the figures."""
    source: str
    """Where the figures come from."""


class AccountField(Answer):
    """A field of accounts."""

    type: str
    """What its cells hold."""
    unit: str = ""
    """What a number counts (`visits`, `kEUR/year`); empty for the other types."""
    note: str = ""
    """What it says of an account, and who fills it when."""


class ICP(Answer):
    """An ideal customer profile, or with negative polarity an anti-ICP."""

    id: str
    """Names it in personas, panels and studies."""
    title: str
    """In words."""
    version: int = 1
    """Raised with every change."""
    status: str = "draft"
    """Whether it is ready for use: a draft was not read by a person yet."""
    polarity: str = "positive"
    """`negative`: companies we do not sell to, for controls."""
    parent: str = ""
    """The ICP that a micro-ICP narrows; empty if it stands alone."""
    review_due: str | None = None
    """When the profile is to be read again; absent: never set."""
    sources: tuple[SourceNote, ...] | None = None
    """Where its statements come from."""
    firmographics: Firmographics | None = None
    budget: Budget | None = None
    """Absent: not stated."""
    technographics: Technographics | None = None
    growth: Growth | None = None
    challenges: tuple[str, ...] | None = None
    """What such companies struggle with."""
    initiatives: tuple[str, ...] | None = None
    """What such companies are working on."""
    structure: str | None = None
    """Who can say no; absent: not stated."""
    behaviour: Behaviour | None = None
    must_have: tuple[Predicate, ...] | None = None
    """Conditions that an account must meet."""
    deal_breaker: tuple[Predicate, ...] | None = None
    """Conditions that rule an account out."""
    problem_fit: ScoredNote | None = None
    """How well we solve a problem that such companies have; absent: not judged."""
    success_potential: ScoredNote | None = None
    """How sure such companies are to succeed with us; absent: not judged."""
    outcomes: Outcomes | None = None
    """Absent: no real customers were looked at."""
    account_fields: dict[str, AccountField] | None = None
    """Fields of the CRM that predicates use beside the built-in ones, by name."""
    columns: dict[str, str] | None = None
    """Columns of the CRM's export to account fields: `Employees: headcount`, `Revenue: revenue_musd:USD`."""


class IcpView(Answer):
    """An ICP in full."""

    id: str
    """Names it in studies and in other profiles."""
    object: str
    """What this is."""
    title: str
    """In words."""
    source: str
    """`own`: your account's; `shipped`: the server's. An own one stands in for a shipped one of the same id,
    also where shipped profiles name it."""
    version: int
    """1 when it is made, one more with each change; of shipped ones, what their file says."""
    content: str
    """Hash of its meaning: equal if and only if nothing that matters differs."""
    created_at: str | None
    """When this version was made, UTC; null for shipped ones."""
    fault: str
    """Why it can no longer be read, as when a parent was changed; empty if it can."""
    given: JsonValue
    """The fields as they were given: change these and PUT them."""
    profile: ICP | None
    """As panelsim reads it, a micro-ICP with what it takes over from its parent; null if it can no longer be
    read."""


class VersionView(Answer):
    """One version of a profile."""

    version: int
    """Its number."""
    content: str
    """Hash of its meaning; empty if it cannot be read."""
    created_at: str | None
    """UTC; null for shipped ones."""


class Finding(Answer):
    """One thing to mend in a profile."""

    level: str
    """An error makes a panel wrong or impossible; a warning makes it weak."""
    where: str
    """The profile and the field: `b2b-saas: firmographics.headcount`."""
    what: str
    """What was found."""
    why: str
    """What goes wrong if it stays."""
    fix: str
    """How to mend it."""


class Findings(Answer):
    """What to mend in a profile."""

    errors: int
    """Findings that make a panel wrong or impossible."""
    warnings: int
    """Findings that make it weak."""
    findings: tuple[Finding, ...]
    """Errors first, each with what was found (`what`), why it matters and how to mend it."""


class MatchedCriterion(Answer):
    """What the ICP asks, and how many accounts meet it."""

    name: str
    """Of the criterion."""
    asks: str
    """What it asks, in words."""
    part: str
    """`profile`, `must_have` or `deal_breaker`."""
    pass_: int = Field(alias="pass")
    """Accounts that meet it."""
    fail: int
    """Accounts that do not."""
    unknown: int
    """Accounts whose rows do not say."""


class MatchedAccount(Answer):
    """One account."""

    rank: int
    """1 is best: by verdict, then by the middle of the fit."""
    row: int
    """Of the table: in CSV the column names are row 1; JSON counts from 1."""
    account: str
    """What the naming column says."""
    verdict: str
    """`fits`, `may fit`, `misses` or `ruled out`; for an ICP of negative polarity `clear`, `may be one` or
    `to avoid`."""
    fit_low: float
    """Fit, 0 to 1, if all that is unknown spoke against it."""
    fit_high: float
    """Fit, 0 to 1, if all that is unknown spoke for it."""
    criteria: dict[str, str]
    """Each criterion by name."""


class Matching(Answer):
    """Accounts ranked by how they fit an ICP."""

    icp: str
    """The ICP's id."""
    version: int
    """Of the ICP."""
    polarity: str
    """`positive`, or `negative` for whom you do not sell to."""
    meaning: str
    """What the verdicts mean."""
    accounts: int
    """Accounts that were matched."""
    left_out: int
    """Bad rows that were left out."""
    verdicts: dict[str, int]
    """Accounts by verdict."""
    criteria: tuple[MatchedCriterion, ...]
    """What the ICP asks."""
    places: dict[str, dict[str, int]]
    """Accounts by place and verdict, the 12 most frequent places."""
    top: tuple[MatchedAccount, ...]
    """The best accounts."""
    notes: tuple[str, ...]
    """What to know of the table, in sentences."""
