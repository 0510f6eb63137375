"""What the writer is handed: a completion, money spent without one, or a use of another run's answers."""

from typing import NamedTuple, TypeAlias

from panelsim.model.call import Call, Completion
from panelsim.store.records import Spender


class Put(NamedTuple):
    """A completion to be stored."""

    key: str
    call: Call
    completion: Completion
    spender: Spender | None


class Note(NamedTuple):
    """Money that was spent without a completion."""

    spender: Spender
    pico: int
    model: str


class Use(NamedTuple):
    """A run was answered with what another run made."""

    run_id: str
    maker: str


Item: TypeAlias = Put | Note | Use
