"""Control: what somebody wants of a run while it is driven."""

import asyncio

from panelsim.model.progress import Wish


class Cancelled(Exception):
    """The run was cancelled on request; what was answered is kept."""


class Control:
    """A wish that the driver obeys: no call is sent while a run is paused, and none once it is cancelled."""

    def __init__(self) -> None:
        self.wish: Wish = "run"
        self._may_go = asyncio.Event()
        self._may_go.set()
        self._is_cancelled = asyncio.Event()

    def obey(self, wish: Wish) -> None:
        """Takes a wish in; a cancelled run stays cancelled."""
        if self._is_cancelled.is_set():
            return
        self.wish = wish
        if wish == "pause":
            self._may_go.clear()
            return
        self._may_go.set()
        if wish == "cancel":
            self._is_cancelled.set()

    @property
    def is_open(self) -> bool:
        """Whether a call may be sent at this moment."""
        return self.wish == "run"

    async def passed(self) -> None:
        """Returns once a call may be sent. Raises `Cancelled` if none may be any more."""
        await self._may_go.wait()
        if self._is_cancelled.is_set():
            raise Cancelled

    async def cancelled(self) -> None:
        """Returns once the run is cancelled."""
        await self._is_cancelled.wait()
