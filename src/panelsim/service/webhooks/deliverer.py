"""The deliverer: ends of runs become messages, and messages are sent until they have arrived."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from panelsim.errors import StoreError
from panelsim.service.webhooks.receivers import own_of
from panelsim.service.webhooks.sending import TIMEOUT_S, Answer, Sender
from panelsim.service.webhooks.signing import headers_of
from panelsim.store import Attempt, Store, Webhook
from panelsim.store.deliveries import Attempted, Due

WAITS_S: tuple[float, ...] = (5, 30, 120, 600, 3600, 6 * 3600, 24 * 3600)
"""After the first attempt that failed, the second, and so on; after the last one the message is dead."""
JITTER = 0.2
"""Of a wait, at most: receivers that came back are not overrun."""
LONGEST_WAIT_S = 24 * 3600.0
LOOK_S = 0.5
AWAY_S = 5.0
"""Before another look at a store that failed."""
LEASE_S = 3 * TIMEOUT_S
"""After so long a message that was taken is due again: its server has died."""
AT_ONCE, AT_ONCE_OF_ACCOUNT = 32, 4
"""Attempts side by side; a slow receiver must not hold up those of other accounts."""
GRACE_S = 3.0
BOTH_SIGN_FOR = timedelta(hours=24)
"""How long the secret before the present one signs too, so that receivers can change over."""
GONE = 410


class Deliverer:
    """Delivers the webhooks of a store. Several, on several servers, share the work."""

    def __init__(
        self,
        store: Store,
        sender: Sender,
        announce: Callable[[], int],
        told: Callable[[str], None],
        *,
        waits_s: Sequence[float] = WAITS_S,
        lease_s: float = LEASE_S,
    ) -> None:
        """`announce` makes messages of runs that have ended, and says of how many; called in a thread."""
        self._store = store
        self._sender = sender
        self._announce = announce
        self._told = told
        self._waits_s = waits_s
        self._lease_s = lease_s
        self._sending: dict[asyncio.Task[None], Due] = {}

    async def run(self) -> None:
        """Works until cancelled, then lets what is on its way arrive."""
        loops = [asyncio.create_task(self._again(one)) for one in (self._announced, self._taken)]
        try:
            await asyncio.gather(*loops)
        finally:
            for one in loops:
                one.cancel()
            await asyncio.gather(*loops, return_exceptions=True)
            await self._let_go()

    async def _again(self, do: Callable[[], Awaitable[int]]) -> None:
        """Does it for ever: at once if something was done, else after a moment."""
        while True:
            try:
                pause = 0.0 if await do() else LOOK_S
            except Exception as error:  # noqa: BLE001 - whatever the fault is, others are to be told
                self._told(f"Webhooks wait {AWAY_S:g} s: {type(error).__name__}: {error}")
                pause = AWAY_S
            await asyncio.sleep(pause)

    async def _announced(self) -> int:
        return await asyncio.to_thread(self._announce)

    async def _taken(self) -> int:
        room = AT_ONCE - len(self._sending)
        if room <= 0:
            await asyncio.wait(self._sending, return_when=asyncio.FIRST_COMPLETED)
            return 1
        due_s = await asyncio.to_thread(self._store.next_due_s)
        if due_s is None or due_s > 0:
            return 0
        under_way = Counter(due.account for due in self._sending.values())
        busy = [account for account, n in under_way.items() if n >= AT_ONCE_OF_ACCOUNT]
        limit = min(room, AT_ONCE_OF_ACCOUNT)
        taken = await asyncio.to_thread(self._store.claim_due, limit, self._lease_s, busy=busy)
        for due in taken:
            task = asyncio.create_task(self._attempt(due))
            self._sending[task] = due
            task.add_done_callback(self._sent)
        return len(taken)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self._sending.pop(task, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            # its lease runs out, and it is sent again
            self._told(f"A webhook could not be sent: {type(error).__name__}: {error}")

    async def _attempt(self, due: Due) -> None:
        webhook = await asyncio.to_thread(self._receiver, due)
        if isinstance(webhook, str):
            came = Attempted("dead", None, webhook)
        else:
            now = datetime.now(UTC)
            headers = headers_of(due.id, due.body, keys_of(webhook, now), now)
            began = time.perf_counter()
            answer = await self._sender.send(due.url, due.body, headers)
            seconds = round(time.perf_counter() - began, 3)
            came = came_of(answer, due.attempts, self._waits_s, random.uniform(-JITTER, JITTER))  # noqa: S311
            made = Attempt(at=now, seconds=seconds, status=came.status, error=came.error)
            came = came._replace(made=made)
            if answer.status == GONE and due.webhook:
                await asyncio.to_thread(self._store.disable_webhook, due.webhook)
        await asyncio.to_thread(self._store.end_attempt, due, came)

    def _receiver(self, due: Due) -> Webhook | str:
        """Who signs; or why nobody is to be told any more."""
        if not due.webhook:
            return own_of(self._store, due.account)
        webhook = self._store.webhook(due.account, due.webhook)
        if webhook is None:
            return "the webhook was deleted"
        return webhook if webhook.disabled_at is None else "the webhook is disabled"

    async def _let_go(self) -> None:
        if not self._sending:
            return
        left = dict(self._sending)
        _, late = await asyncio.wait(left, timeout=GRACE_S)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for task in late:
            with suppress(StoreError):  # its lease runs out
                await asyncio.to_thread(self._store.release, left[task])


def came_of(answer: Answer, attempts: int, waits_s: Sequence[float], jitter: float) -> Attempted:
    """What an answer means after so many attempts; `jitter` is the share by which the wait differs."""
    status = answer.status
    if status is not None and 200 <= status < 300:
        return Attempted("delivered", status, "")
    why = answer.told if status is None else f"answered {status}{f': {answer.told}' if answer.told else ''}"
    if status is not None and 300 <= status < 400:
        why = f"answered {status}: redirects are not followed"
    if status == GONE:
        return Attempted("dead", status, f"{why}; nothing more is sent there")
    if attempts > len(waits_s):
        return Attempted("dead", status, why)
    wait_s = max(waits_s[attempts - 1] * (1 + jitter), min(LONGEST_WAIT_S, answer.retry_after_s))
    return Attempted("pending", status, why, wait_s)


def keys_of(webhook: Webhook, now: datetime) -> tuple[str, ...]:
    """The secrets that sign at this moment, the present one first."""
    old, since = webhook.old_secret, webhook.rotated_at
    if old is None or since is None or now - since > BOTH_SIGN_FOR:
        return (webhook.secret,)
    return webhook.secret, old
