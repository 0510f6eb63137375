"""Moving and tidying stores: exports give all back, bad lines are refused, a sweep keeps what is needed."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from panelsim.errors import InputError, StoreError
from panelsim.model.progress import Progress, StateChanged
from panelsim.store import Spender, Store
from panelsim.store.parquet import read_parquet, write_parquet
from tests.calls import chat, said
from tests.wire.stored import SAID, change, head_of, run


async def filled(store: Store) -> None:
    store.save_run(run())
    store.set_state("r-1", "partial")
    store.set_failures("r-1", {"s1": "cut"})
    store.save_part("r-1", 0, Progress(done=1))
    store.append_event("r-1", StateChanged(state="partial"))
    store.save_estimate("r-1", "{}")
    store.save_prompts({"a": "text"})
    memory = store.memory(Spender("r-1", "h"))
    for name in ("a", "b"):
        await memory.put(chat(name).key, chat(name), SAID)


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    with Store.open(f"sqlite:///{tmp_path / 'other.sqlite3'}") as opened:
        yield opened


async def test_an_export_gives_everything_back_and_may_be_read_twice(store: Store, other: Store) -> None:
    await filled(store)
    lines = list(store.export_lines())
    for _ in range(2):
        assert other.import_lines(lines, "x.jsonl") == (1, 2)
    assert other.run("r-1") == store.run("r-1")
    assert other.failures("r-1") == store.failures("r-1")
    assert other.parts("r-1") == store.parts("r-1")
    assert other.events("r-1") == store.events("r-1")
    assert other.estimate("r-1") == "{}"
    assert other.spent("r-1") == store.spent("r-1")
    assert other.spending() == store.spending()
    assert other.get(chat("a").key) == SAID
    assert other.call_of(chat("b").key) == chat("b")
    assert other.verify() == ()
    assert sorted(other.export_lines()) == sorted(lines)


async def test_an_export_in_parquet_gives_everything_back(store: Store, other: Store, tmp_path: Path) -> None:
    await filled(store)
    file = tmp_path / "it's.parquet"
    write_parquet(store.export_lines(), file)
    assert other.import_lines(read_parquet(file), str(file)) == (1, 2)
    assert sorted(other.export_lines()) == sorted(store.export_lines())


def test_a_file_that_is_no_parquet_is_named(tmp_path: Path) -> None:
    (tmp_path / "x.parquet").write_text("PAR1 no")
    with pytest.raises(InputError, match=r"x\.parquet is not an export in Parquet"):
        list(read_parquet(tmp_path / "x.parquet"))


async def test_a_line_whose_key_does_not_match_its_call_is_named(store: Store, other: Store) -> None:
    await filled(store)
    lines = [line.replace(b'"content":"b"', b'"content":"forged"') for line in store.export_lines()]
    place = next(n for n, line in enumerate(lines, start=1) if b"forged" in line)
    with pytest.raises(InputError, match=rf"x\.jsonl, line {place} has the key .* but its call gives call1:"):
        other.import_lines(lines, "x.jsonl")
    assert other.get(chat("b").key) is None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"not json", "line 2 is not a line of a store's export"),
        (b'{"kind":"person"}', "line 2 is not a line of a store's export"),
        (b'{"kind":"store","format":9}', "line 2 has format 9"),
        (b'{"kind":"prompts","hash":"prompts1:0","texts":{}}', "line 2 has the hash prompts1:0"),
    ],
)
def test_a_bad_line_is_named(store: Store, line: bytes, told: str) -> None:
    with pytest.raises(InputError, match=told):
        store.import_lines([b'{"kind":"store"}', line], "x.jsonl")
    with pytest.raises(InputError, match="line 1"):
        store.import_lines([line], "x.jsonl")


@pytest.mark.parametrize(
    "rows",
    [
        '{"completions": []}',
        '{"failures": [{"run_id": "r-2", "part": 0, "session": "s", "reason": "x"}]}',
        '{"failures": [{"run_id": "r-1"}]}',
    ],
)
async def test_rows_of_another_run_or_table_are_refused(store: Store, other: Store, rows: str) -> None:
    await filled(store)
    head, *rest = store.export_lines()
    run_line = json.loads(next(line for line in rest if b'"kind":"run"' in line))
    bad = json.dumps(run_line | {"rows": json.loads(rows)}).encode()
    with pytest.raises(InputError, match=r"x\.jsonl, line 2: "):
        other.import_lines([head, bad], "x.jsonl")


async def test_a_damaged_completion_is_not_exported(store: Store) -> None:
    await filled(store)
    change(
        store,
        "UPDATE completions SET said = :said WHERE head = :head",
        said=b"p{}",
        head=head_of(chat("a").key),
    )
    with pytest.raises(StoreError, match=f"{chat('a').key} .* is damaged .* verify --drop"):
        list(store.export_lines())


# ---- sweeps


async def two_runs(store: Store) -> None:
    """`old` ended long ago and made a and b; `new` made c, and was given whatever it found."""
    for name in ("old", "new"):
        store.save_run(run(name))
        store.set_state(name, "done")
    for name, made in (("old", "ab"), ("new", "c")):
        memory = store.memory(Spender(name, "h"))
        for text in made:
            await memory.put(chat(text).key, chat(text), said(text))
    change(store, "UPDATE runs SET finished_at = '2026-01-01T00:00:00+00:00' WHERE id = 'old'")
    change(store, "UPDATE blocks SET made_at = 0")


DAYS = timedelta(days=90)


async def test_a_sweep_deletes_old_runs_and_what_only_they_needed(store: Store) -> None:
    await two_runs(store)
    store.set_failures("old", {"s1": "cut"})
    told = store.sweep(DAYS, dry_run=True)
    assert (told.runs, told.completions) == (("old",), 2)
    assert told.size > 0
    assert store.count() == 3
    assert store.sweep(DAYS) == told
    assert [one.id for one in store.runs()] == ["new"]
    assert store.get(chat("c").key) == said("c")
    with Store.open(_address(store)) as reopened:
        assert reopened.get(chat("a").key) is None
        assert reopened.failures("old") == ()
        assert reopened.spent("old").calls == 2  # the books are kept
        assert reopened.sweep(DAYS) == ((), 0, 0)


async def test_a_sweep_keeps_what_a_run_that_stays_was_given(store: Store) -> None:
    await two_runs(store)
    assert await store.memory(Spender("new", "h2")).find(chat("a").key) == said("a")
    assert store.sweep(DAYS)[:2] == (("old",), 0)
    assert store.count() == 3


async def test_a_sweep_keeps_what_two_runs_paid_for_at_the_same_time(store: Store) -> None:
    await two_runs(store)
    await store.memory(Spender("new", "h2")).put(chat("a").key, chat("a"), said("later"))
    assert store.sweep(DAYS)[:2] == (("old",), 0)


async def test_a_sweep_keeps_young_answers_and_those_of_runs_that_do_not_tell(store: Store) -> None:
    await two_runs(store)
    change(store, "UPDATE blocks SET made_at = 4102444800000")  # in 2100
    assert store.sweep(DAYS)[1] == 0
    change(store, "UPDATE blocks SET made_at = 0")
    change(store, "UPDATE runs SET tells_uses = :no", no=False)
    assert store.sweep(DAYS)[1] == 0


async def test_a_sweep_keeps_a_run_that_somebody_drives_or_that_has_not_ended(store: Store) -> None:
    await two_runs(store)
    with store.claim("old"):
        assert store.sweep(DAYS)[:2] == ((), 0)
    store.set_state("old", "paused")
    assert store.sweep(timedelta(0))[0] == ("new",)
    assert store.get(chat("a").key) == said("a")


async def test_what_a_sweep_deleted_is_asked_again(store: Store) -> None:
    await two_runs(store)
    assert await store.find(chat("a").key) == said("a")  # and remembered
    store.sweep(DAYS)
    assert await store.memory(Spender("new", "h2")).find(chat("a").key) is None


def _address(store: Store) -> str:
    return store._database.engine.url.render_as_string(hide_password=False)
