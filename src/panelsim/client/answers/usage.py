"""What the service answers, from its OpenAPI document: written by a program, see tests/api/client_models.py.

Fixed words are plain texts here, because more of them may come at any time.
"""

from panelsim.client.wire import Answer


class MonthView(Answer):
    """The calendar month so far (UTC), against the key's cap."""

    month: str
    """Year and month."""
    spent_usd: float
    """US dollars spent, unsettled ones included."""
    reserved_usd: float
    """US dollars set aside for runs that have not ended: what they may still spend."""
    cap_usd: float | None
    """US dollars a month that may be spent by way of this key; null: no cap."""
    left_usd: float | None
    """The largest max_cost_usd that a new run may have; null: no cap."""


class SpendView(Answer):
    """What one day, run or model took."""

    name: str
    """The day (UTC), the run's id, or PROVIDER/NAME."""
    calls: int
    """Answers that were made."""
    cost_usd: float
    """US dollars that they cost."""
    unsettled_usd: float
    """US dollars that may have been billed beyond that, for attempts without an answer."""


class UsageView(Answer):
    """What the account spent."""

    month: MonthView
    """This month, whatever `since` says."""
    by: str
    """What the rows are."""
    since: str
    """First day of the rows (UTC)."""
    total: SpendView
    """All rows since then, those of other pages too."""
    data: tuple[SpendView, ...]
    """Days and runs newest first, models by name."""
    has_more: bool
    """Whether another page follows."""
    next_cursor: str | None
    """Give it as `cursor` to get the next page."""
