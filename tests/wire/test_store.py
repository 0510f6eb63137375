"""The store, in a file and on a server: what is acknowledged stays, under its key; runs are kept whole."""

import asyncio
import json
import os
import signal

import pytest

from panelsim.errors import InputError, StoreError
from panelsim.model.call import Completion, EmbeddingCall, ModelRef
from panelsim.model.progress import Progress, Progressed, StateChanged
from panelsim.planning.draw import draw_panel
from panelsim.store import BadRow, Failure, Store
from panelsim.store.coding import CODER
from panelsim.store.runs import COLUMNS
from tests.builders import panel
from tests.calls import chat, said
from tests.profiles import persona, sources
from tests.wire.stored import SAID, change, head_of, line_of, process, run

OLD_FACTS = {
    "industry", "headcount", "revenue_musd", "region", "growth_stage", "stack", "incumbent", "signal",
    "challenge",
}  # fmt: skip
"""What a company had before it had a country."""

# ---- completions


async def test_a_completion_comes_back_as_it_was_put(store: Store) -> None:
    call = chat("a", lane="r1")
    await store.put(call.key, call, SAID)
    assert store.get(call.key) == SAID
    assert await store.find(call.key) == SAID


@pytest.mark.parametrize(
    "key", ["call1:unknown", chat("never put").key, "call1:" + "G" * 64, "", "call2:" + "a" * 64]
)
async def test_what_was_never_put_is_not_there(store: Store, key: str) -> None:
    assert store.get(key) is None
    assert await store.find(key) is None
    assert store.get_many([key]) == {}
    assert store.call_of(key) is None


@pytest.mark.parametrize(
    "vector",
    [
        (0.1, 1 / 3, -2.5e-300),  # only 64 bits hold these
        (0.5, -0.25, 3.0, 0.10000000149011612),  # 32 bits do; the last is 0.1 in them
        (1e300,),  # beyond what 32 bits reach
    ],
)
async def test_an_embedding_comes_back_bit_for_bit(store: Store, vector: tuple[float, ...]) -> None:
    call = EmbeddingCall(model=ModelRef(provider="fake", name="e"), text="x")
    await store.put(call.key, call, Completion(vector=vector, reported_model="e"))
    assert store.get(call.key) == Completion(vector=vector, reported_model="e")
    assert store.call_of(call.key) == call


async def test_the_first_completion_of_a_key_is_kept(store: Store) -> None:
    call = chat("a")
    await store.put(call.key, call, said("first"))
    await asyncio.gather(*(store.put(call.key, call, said("second")) for _ in range(3)))
    found = store.get(call.key)
    assert found is not None
    assert found.text == "first"
    assert store.count() == 1


async def test_many_are_written_at_once_and_found_by_their_keys(store: Store) -> None:
    calls = [chat(str(n)) for n in range(1200)]
    await asyncio.gather(*(store.put(call.key, call, said(str(n))) for n, call in enumerate(calls)))
    found = store.get_many([*(call.key for call in calls), "call1:unknown", calls[0].key])
    assert {key: one.text for key, one in found.items()} == {call.key: str(n) for n, call in enumerate(calls)}
    one_by_one = await asyncio.gather(*(store.find(call.key) for call in [*calls, *calls]))
    assert [one.text for one in one_by_one if one] == [str(n) for n in range(1200)] * 2
    assert all(store.call_of(call.key) == call for call in calls[::100])


async def test_what_one_turn_looks_for_is_one_query(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    rows = store._reader._rows

    def counted(heads: list[int]) -> object:
        asked.append(len(heads))
        return rows(heads)

    monkeypatch.setattr(store._reader, "_rows", counted)
    await asyncio.gather(*(store.find(chat(str(n)).key) for n in range(400)))
    assert asked == [400]


async def test_a_cancelled_look_up_leaves_the_others_alone(store: Store) -> None:
    call = chat("a")
    await store.put(call.key, call, SAID)
    looking = [asyncio.create_task(store.find(call.key)) for _ in range(2)]
    await asyncio.sleep(0)
    looking[0].cancel()
    assert await looking[1] == SAID


async def test_a_reopened_store_has_what_was_put(address: str) -> None:
    call = chat("a")
    with Store.open(address) as first:
        await first.put(call.key, call, SAID)
    with Store.open(address) as second:
        assert second.get(call.key) == SAID


async def test_two_processes_worth_of_stores_share_one_place(address: str) -> None:
    with Store.open(address) as one, Store.open(address) as two:
        calls = [chat(str(n)) for n in range(100)]
        stores = (one, two)
        # every call is put by both, in opposite orders
        puts = [(stores[n % 2], call) for n, call in enumerate(calls)]
        puts += [(stores[(n + 1) % 2], call) for n, call in reversed(list(enumerate(calls)))]
        await asyncio.gather(*(store.put(call.key, call, SAID) for store, call in puts))
        assert one.count() == two.count() == 100


async def test_a_cancelled_put_is_written_all_the_same(store: Store) -> None:
    call = chat("a")
    putting = asyncio.create_task(store.put(call.key, call, SAID))
    await asyncio.sleep(0)
    putting.cancel()
    await store.put(chat("b").key, chat("b"), SAID)
    assert store.get(call.key) == SAID


async def test_a_bad_key_fails_its_own_put_only(store: Store) -> None:
    good, bad = await asyncio.gather(
        store.put(chat("a").key, chat("a"), SAID),
        store.put("not a key", chat("b"), SAID),
        return_exceptions=True,
    )
    assert good is None
    assert isinstance(bad, StoreError)
    assert "'not a key' cannot be stored" in str(bad)
    assert store.count() == 1


def test_two_event_loops_can_use_one_store(store: Store) -> None:
    async def go(name: str) -> Completion | None:
        call = chat(name)
        await asyncio.gather(
            *(store.put(chat(f"{name}{n}").key, chat(f"{name}{n}"), SAID) for n in range(50))
        )
        await store.put(call.key, call, said(name))
        return await store.find(call.key)

    assert [asyncio.run(go(name)) for name in ("a", "b")] == [said("a"), said("b")]


WRITER = """
    import asyncio, sys
    from panelsim.store import Store
    from tests.calls import chat, said

    async def write(store, lane):
        for n in range(100_000):
            call = chat(f"{lane} {n}")
            await store.put(call.key, call, said(str(n)))
            print(call.key, flush=True)

    async def main():
        store = Store.open(sys.argv[1])
        await asyncio.gather(*(write(store, lane) for lane in range(20)))

    asyncio.run(main())
"""


def test_a_killed_writer_loses_no_acknowledged_completion(address: str) -> None:
    with process(WRITER, address) as writer:
        acknowledged = [line_of(writer) for _ in range(500)]
        os.kill(writer.pid, signal.SIGKILL)
        assert writer.stdout is not None
        acknowledged += [line.strip() for line in writer.stdout if line.endswith("\n")]
    with Store.open(address) as store:
        assert set(acknowledged) <= set(store.get_many(acknowledged))
        assert store.verify() == ()


# ---- verification


async def test_verification_names_each_row_that_is_not_what_was_stored(store: Store) -> None:
    calls = {text: chat(text) for text in ("kept", "call", "digest", "said", "block")}
    for call in calls.values():
        await store.put(call.key, call, said("yes"))
    assert store.verify() == ()
    keys = {text: call.key for text, call in calls.items()}
    heads = {text: head_of(key) for text, key in keys.items()}
    # the call of another row; another completion; one bit less; no calls at all
    of_kept = "(SELECT block FROM completions WHERE head = :other)"
    change(
        store,
        f"UPDATE completions SET block = {of_kept} WHERE head = :head",
        head=heads["call"],
        other=heads["kept"],
    )
    change(
        store, "UPDATE completions SET digest = :zero WHERE head = :head", head=heads["digest"], zero=bytes(8)
    )
    change(store, "UPDATE completions SET said = :said WHERE head = :head", head=heads["said"], said=b"p{}")
    change(store, "UPDATE completions SET block = 1 WHERE head = :head", head=heads["block"])
    assert set(store.verify()) == {
        BadRow(keys["call"], f"the call gives the key {keys['kept']}"),
        BadRow(keys["digest"], "the completion is not the one that was stored"),
        BadRow(keys["said"], "the completion is not the one that was stored"),
        BadRow(keys["block"], "its block of calls is not there"),
    }


async def test_a_damaged_completion_is_named_when_it_is_read_and_can_be_dropped(store: Store) -> None:
    call = chat("a")
    await store.put(call.key, call, SAID)
    change(store, "UPDATE completions SET said = :said", said=b"zdamaged")
    with pytest.raises(StoreError, match=f"{call.key} .* is damaged; .* verify --drop"):
        await store.find(call.key)
    with pytest.raises(StoreError, match=f"{call.key} .* is damaged"):
        store.get(call.key)
    store.drop([call.key])
    assert store.get(call.key) is None
    await store.put(call.key, call, SAID)
    assert store.get(call.key) == SAID


# ---- runs


def test_a_run_comes_back_as_it_was_saved(store: Store) -> None:
    ours = run().model_copy(update={"account": "key-7"})
    store.save_run(ours)
    assert store.run("r-1") == ours


def test_a_run_with_a_drawn_panel_comes_back_as_it_was_saved(store: Store) -> None:
    asked = sources(persona("a", facets={"prudence": 1.0}), persona("b"), anti=True)
    ours = run().model_copy(update={"panel": draw_panel(asked, 30, 3, anti_n=5), "sources": asked})
    store.save_run(ours)
    assert store.run("r-1") == ours


def test_a_run_from_before_panels_had_columns_is_read(store: Store) -> None:
    store.save_run(run())
    body = json.loads(run().model_dump_json(exclude=COLUMNS))
    body["sources"]["spec"].pop("facets")
    body["sources"]["personas"][0]["hexaco"] = {"honesty_humility": 0.0, "extraversion": 1.0}
    for one in body["panel"]["respondents"]:
        del one["traits"]["facets"]
        for name in set(one["company"]) - OLD_FACTS:
            del one["company"][name]
    change(store, "UPDATE runs SET body = :body", body=CODER.squeeze(json.dumps(body).encode()))
    read = store.run("r-1")
    assert read.panel == panel()
    assert read.panel.respondents[0].company.place == panel().respondents[0].company.region
    assert read.sources.personas[0].hexaco.extraversion == 1.0


def test_runs_are_listed_newest_first(store: Store) -> None:
    for day, name in ((1, "old"), (3, "new"), (2, "middle")):
        store.save_run(run(name, day))
    assert [one.id for one in store.heads()] == ["new", "middle", "old"]
    assert store.heads() == tuple(one.head for one in store.runs())


def test_a_head_is_told_without_reading_the_panel(store: Store) -> None:
    store.save_run(run())
    store.set_state("r-1", "partial")
    told = store.run("r-1").head
    change(store, "UPDATE runs SET body = :none", none=b"")
    assert store.head("r-1") == store.heads()[0] == told
    assert (told.study, told.kind, told.model) == ("forecast-headlines", "message_test", "scripted/sensible")


def test_a_state_that_ends_a_run_sets_its_end_and_another_clears_it(store: Store) -> None:
    store.save_run(run())
    store.set_state("r-1", "partial")
    ended = store.run("r-1")
    assert ended.state == "partial"
    assert ended.finished_at is not None
    for state in ("running", "paused", "queued"):
        store.set_state("r-1", state)
        assert store.run("r-1").finished_at is None


def test_failures_are_replaced_within_their_part(store: Store) -> None:
    store.save_run(run())
    store.set_failures("r-1", {"s2": "cut", "s1": "refused"})
    store.set_failures("r-1", {"s3": "late"}, part=1)
    assert store.failures("r-1") == (Failure("s1", "refused"), Failure("s2", "cut"), Failure("s3", "late"))
    store.set_failures("r-1", {"s2": "still cut"})
    assert store.failures("r-1") == (Failure("s2", "still cut"), Failure("s3", "late"))


def test_an_unknown_run_names_its_nearest(store: Store) -> None:
    store.save_run(run("20260203-a1b2"))
    with pytest.raises(InputError, match="did you mean '20260203-a1b2'"):
        store.run("20260203-a1b3")
    with pytest.raises(InputError, match="'nothing' is not in the store"):
        store.set_state("nothing", "done")
    with pytest.raises(InputError, match="'nothing' is not in the store"):
        store.wish("nothing")


def test_a_run_id_is_taken_once(store: Store) -> None:
    store.save_run(run())
    with pytest.raises(InputError, match="already"):
        store.save_run(run())


def test_a_wish_is_seen_by_whoever_asks(store: Store) -> None:
    store.save_run(run())
    assert store.wish("r-1") == "run"
    store.set_wish("r-1", "cancel")
    assert store.wish("r-1") == "cancel"


def test_the_progress_of_a_part_is_the_last_that_was_saved(store: Store) -> None:
    store.save_part("r-1", 1, Progress(done=1))
    store.save_part("r-1", 0, Progress(done=5))
    store.save_part("r-1", 1, Progress(done=2))
    assert store.parts("r-1") == {0: Progress(done=5), 1: Progress(done=2)}
    assert store.parts("r-2") == {}


def test_events_are_numbered_within_their_run_and_read_on_from_a_number(store: Store) -> None:
    first, second = StateChanged(state="running"), Progressed(progress=Progress(done=3))
    assert [store.append_event("r-1", event) for event in (first, second, first)] == [1, 2, 3]
    assert store.append_event("r-2", second) == 1
    assert [(one.seq, one.event) for one in store.events("r-1")] == [(1, first), (2, second), (3, first)]
    assert [one.seq for one in store.events("r-1", after=1, limit=1)] == [2]
    assert store.events("r-1", after=3) == ()


def test_prompt_files_are_kept_under_their_hash(store: Store) -> None:
    key = store.save_prompts({"a": "text", "b": "other"})
    assert store.save_prompts({"b": "other", "a": "text"}) == key
    assert store.prompts(key) == {"a": "text", "b": "other"}
    with pytest.raises(StoreError, match="no prompt files"):
        store.prompts("prompts1:unknown")


def test_an_estimate_is_kept_as_it_was_given(store: Store) -> None:
    assert store.estimate("r-1") is None
    store.save_estimate("r-1", '{"usd": 1}')
    store.save_estimate("r-1", '{"usd": 2}')
    assert store.estimate("r-1") == '{"usd": 2}'
