"""A memory for wrappers that are tested without a store."""

import asyncio

from panelsim.model.call import Call, Completion


class Shelf:
    """A memory in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Completion] = {}

    async def find(self, key: str) -> Completion | None:
        return self.rows.get(key)

    async def put(self, key: str, call: Call, completion: Completion) -> None:
        await asyncio.sleep(0)
        self.rows[key] = completion
