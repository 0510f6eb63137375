"""The exception tree: what went wrong, with the exit code and HTTP status each error maps to.

PanelsimError
├── InputError            2 / 422   the caller is wrong; raised before the first paid call
│   ├── RunBusy           2 / 409   another live process drives the run
│   ├── WrongFields       2 / 422   fields of a document or rows of a table, each with its place
│   └── NeedsData         2 / 422   a benchmark's answers of people are not at hand
├── ProviderError         3 / 502   we cannot ask: the model's side failed
│   ├── TransientError    3 / 503   worth another attempt (429, 5xx, a cut connection)
│   └── RefusedRequest    3 / 502   the provider will never accept this request (4xx, bad key)
├── BudgetError           4 / 402   the next call could pass the cap, so it was not sent
├── StoreError            3 / 500   the store cannot be read or written
│   ├── StoreAway         3 / 503   the store's server cannot be reached now, or its file stays locked
│   └── NotStored         3 / 500   a replay needs a completion that was never stored
└── NotRecorded           1 / 500   a recording lacks a call, or holds one that nobody asks

A run that ends with answers missing is not an error: it is `partial`, exit code 5. Nor is an evaluation whose
gates do not hold: exit code 100.
"""

from collections.abc import Sequence
from typing import NamedTuple, Self

EXIT_DONE = 0
EXIT_PARTIAL = 5
EXIT_GATE = 100
EXIT_INTERRUPTED = 130


class PanelsimError(Exception):
    """The root of all errors that panelsim raises on purpose."""

    exit_code = 1
    http_status = 500


class InputError(PanelsimError):
    """The caller is wrong: says what, where and what was expected."""

    exit_code = 2
    http_status = 422


class RunBusy(InputError):
    """The run is driven by another process that is alive."""

    http_status = 409


class FieldFault(NamedTuple):
    """One field that is not as expected."""

    field: str
    """Its place: `firmographics.headcount`, `row 17, column 'Employees'`."""
    what: str


class WrongFields(InputError):
    """Fields or rows are not as expected; the text says the first in full, `faults` has all."""

    def __init__(self, message: str, faults: Sequence[FieldFault]) -> None:
        super().__init__(message)
        self.faults = tuple(faults)

    def __reduce__(self) -> tuple[type[Self], tuple[str, tuple[FieldFault, ...]]]:
        """Lets it pass from one process to another."""
        return type(self), (str(self), self.faults)


class NeedsData(InputError):
    """A benchmark needs answers of people that do not ship: says which files, from where, on what terms."""


class ProviderError(PanelsimError):
    """A call could not be made or its reply could not be used."""

    exit_code = 3
    http_status = 502


class TransientError(ProviderError):
    """A failure that another attempt may mend; `retry_after` is in seconds, absent if unstated.

    `throttled`: the provider asked for fewer requests (429), so all callers should wait. `overloaded`: it had
    no room (503, 529) or gave no answer in time, so fewer calls should be under way. `maybe_billed`: the
    request may have been served (a time-out, a connection cut after sending), so its cost is unknown.
    """

    http_status = 503

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        throttled: bool = False,
        overloaded: bool = False,
        maybe_billed: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.throttled = throttled
        self.overloaded = overloaded
        self.maybe_billed = maybe_billed


class RefusedRequest(ProviderError):
    """The provider refused the request itself (wrong key, unknown model, bad parameter)."""


class BudgetError(PanelsimError):
    """Sending the next call could pass the cap; nothing was sent."""

    exit_code = 4
    http_status = 402


class StoreError(PanelsimError):
    """The store cannot be opened, read or written."""

    exit_code = 3
    http_status = 500


class StoreAway(StoreError):
    """The store cannot be used at the moment; the same may work in a while."""

    http_status = 503


class NotStored(StoreError):
    """A replay needs a completion that the store does not have."""


class NotRecorded(PanelsimError):
    """A recording and what is asked of it differ; the text shows the nearest recorded call."""

    exit_code = 1
