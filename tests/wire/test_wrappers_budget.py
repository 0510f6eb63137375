"""The budget with a treasury: leases, exact under concurrency and across processes."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panelsim.errors import BudgetError, TransientError
from panelsim.model.call import Call, Completion
from panelsim.providers.budget import Budget, budgeted
from panelsim.providers.prices import FREE, PICO, Price, bound_pico
from tests.calls import chat, said

PRICE = Price(prompt=1.0, completion=4.0)
ONE = bound_pico(chat("question 000"), PRICE)
"""Picodollars that a call of these tests may cost: (12 + 16 + 64) * 1 + 10 * 4 millionths of a dollar."""


class Treasury:
    """Money that several budgets lease from."""

    def __init__(self, cap: int) -> None:
        self.left = cap
        self.lost = 0
        self.leases: list[int] = []

    async def lease(self, wanted: int) -> int:
        await asyncio.sleep(0)
        granted = min(wanted, self.left)
        self.left -= granted
        self.leases.append(granted)
        return granted

    async def note_spent(self, pico: int) -> None:
        self.lost += pico


def budget_of(treasury: Treasury, cap: int) -> Budget:
    return Budget(cap / PICO, lambda _model: PRICE, treasury)


async def dear(_call: Call) -> Completion:
    """Costs a little less than its bound: 91 of 92 prompt tokens."""
    await asyncio.sleep(0)
    return said("x", prompt=91, completion=10)


def test_the_bound_of_these_tests_is_what_they_say() -> None:
    assert ONE == 132 * PICO // 10**6  # 92 + 40


@given(st.integers(0, 60), st.lists(st.integers(1, 40), min_size=1, max_size=4))
def test_processes_never_spend_more_than_the_cap_together(bounds: int, calls: list[int]) -> None:
    async def run() -> None:
        cap = bounds * ONE
        treasury = Treasury(cap)
        budgets = [budget_of(treasury, cap) for _ in calls]
        asks = [budgeted(dear, budget) for budget in budgets]
        await asyncio.gather(
            *(ask(chat(f"question {n:03}")) for ask, n in zip(asks, calls, strict=True) for n in range(n)),
            return_exceptions=True,
        )
        assert sum(round(budget.spent_usd * PICO) for budget in budgets) <= cap

    asyncio.run(run())


async def test_leases_are_few_and_about_twice_what_is_under_way() -> None:
    treasury = Treasury(10_000 * ONE)
    ask = budgeted(dear, budget_of(treasury, 10_000 * ONE))
    for _ in range(20):
        await asyncio.gather(*(ask(chat(f"question {n:03}")) for n in range(50)))
    assert len(treasury.leases) < 30  # 1,000 calls
    assert max(treasury.leases) <= 2 * 51 * ONE


async def test_a_call_waits_for_money_that_may_come_back_before_it_gives_up() -> None:
    treasury = Treasury(2 * ONE)

    async def cheap(_call: Call) -> Completion:
        await asyncio.sleep(0)
        return said("x", prompt=1, completion=1)

    ask = budgeted(cheap, budget_of(treasury, 2 * ONE))
    answers = await asyncio.gather(*(ask(chat(f"question {n:03}")) for n in range(20)))
    assert len(answers) == 20


async def test_what_other_processes_leased_is_not_spent_here_and_is_told() -> None:
    treasury = Treasury(10 * ONE)
    treasury.left = 3 * ONE
    ask = budgeted(dear, budget_of(treasury, 10 * ONE))
    outcomes = await asyncio.gather(
        *(ask(chat(f"question {n:03}")) for n in range(10)), return_exceptions=True
    )
    stopped = [one for one in outcomes if isinstance(one, BudgetError)]
    assert len(stopped) == 7
    assert "the rest was spent before or elsewhere" in str(stopped[0])


async def test_what_was_spent_before_is_told_and_counts() -> None:
    budget = Budget(3 * ONE / PICO, lambda _model: PRICE, before_usd=2.5 * ONE / PICO)
    with pytest.raises(BudgetError, match=r"and \$0\.000330 before"):  # 2.5 * .000132
        await budgeted(dear, budget)(chat("question 000"))


@pytest.mark.parametrize("billed", [True, False])
async def test_money_without_an_answer_is_noted_if_it_may_have_been_spent(billed: bool) -> None:
    async def fails(_call: Call) -> Completion:
        raise TransientError("cut", maybe_billed=billed)

    treasury = Treasury(10 * ONE)
    with pytest.raises(TransientError):
        await budgeted(fails, budget_of(treasury, 10 * ONE))(chat("question 000"))
    assert treasury.lost == (ONE if billed else 0)


async def test_free_calls_never_touch_the_treasury() -> None:
    treasury = Treasury(0)
    ask = budgeted(dear, Budget(0, lambda _model: FREE, treasury))
    assert (await ask(chat("question 000"))).cost_usd == 0
    assert treasury.leases == []
