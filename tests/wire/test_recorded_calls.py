"""Recorded calls: the store's export played back by call key."""

from pathlib import Path

import pytest

from panelsim.errors import InputError, NotRecorded
from panelsim.model.call import Completion, Usage
from panelsim.recording.calls import RecordedCalls, Recorder, write_calls
from panelsim.recording.files import read_lines, write_lines
from panelsim.store import Store
from tests.calls import chat, echo


def recording(tmp_path: Path, texts: tuple[str, ...] = ("Is it raining?", "Is it snowing hard?")) -> Path:
    path = tmp_path / "small.calls.jsonl.zst"
    said = Completion(text="yes", usage=Usage(prompt_tokens=3))
    write_calls(path, [(chat(text), said.model_copy(update={"text": text.upper()})) for text in texts])
    return path


async def test_each_call_gets_what_was_said_to_it(tmp_path: Path) -> None:
    calls = RecordedCalls(recording(tmp_path))
    assert (await calls.complete(chat("Is it snowing hard?"))).text == "IS IT SNOWING HARD?"
    assert (await calls.complete(chat("Is it raining?"))).text == "IS IT RAINING?"
    calls.check()


async def test_an_absent_call_fails_with_the_nearest_ones_difference(tmp_path: Path) -> None:
    calls = RecordedCalls(recording(tmp_path))
    with pytest.raises(NotRecorded, match="was asked and not recorded") as refused:
        await calls.complete(chat("Is it snowing softly?"))
    assert "-messages[0].content: 'Is it snowing hard?'" in str(refused.value)
    assert "+messages[0].content: 'Is it snowing softly?'" in str(refused.value)
    with pytest.raises(NotRecorded):
        calls.check()


async def test_the_nearest_is_looked_for_once_however_many_calls_are_absent(tmp_path: Path) -> None:
    calls = RecordedCalls(recording(tmp_path))
    told = []
    for text in ("Is it snowing softly?", "Is it snowing now?"):
        with pytest.raises(NotRecorded) as refused:
            await calls.complete(chat(text))
        told.append("The nearest differs so" in str(refused.value))
    assert told == [True, False]
    with pytest.raises(NotRecorded, match="The nearest differs so"):
        calls.check()


async def test_a_call_that_nobody_asks_fails_a_whole_replay_only(tmp_path: Path) -> None:
    calls = RecordedCalls(recording(tmp_path))
    await calls.complete(chat("Is it raining?"))
    calls.check(whole=False)
    with pytest.raises(NotRecorded, match="1 of 2 recorded calls"):
        calls.check()


def test_calls_that_hold_a_key_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds what looks like a key or an organisation"):
        recording(tmp_path, ("Is it raining?", "My key is sk-planted-secret-0123456789."))
    assert list(tmp_path.glob("*.zst*")) == []


def test_a_line_whose_call_does_not_give_its_key_is_refused(tmp_path: Path) -> None:
    path = recording(tmp_path)
    lines = [line.replace(b"raining", b"pouring") for line in read_lines(path)]
    write_lines(path, lines)
    with pytest.raises(InputError, match="which its call does not give"):
        RecordedCalls(path)


@pytest.mark.parametrize("text", [b"{}", b"no json", b'{"kind":"cassette","format":1}'])
def test_a_file_that_is_no_export_is_refused(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "wrong.jsonl"
    path.write_bytes(text + b"\n")
    with pytest.raises(InputError, match=r"line 1 is not"):
        RecordedCalls(path)


async def test_a_recording_and_a_stores_export_are_one_form(tmp_path: Path) -> None:
    path = recording(tmp_path)
    with Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}") as store:
        assert store.import_lines(read_lines(path), path.name).completions == 2
        write_lines(tmp_path / "export.jsonl", store.export_lines())
    calls = RecordedCalls(tmp_path / "export.jsonl")
    assert (await calls.complete(chat("Is it raining?"))).text == "IS IT RAINING?"


async def test_a_recorder_keeps_what_passes_and_equal_calls_give_equal_bytes(tmp_path: Path) -> None:
    files = []
    for order in (("a", "b"), ("b", "a")):
        recorder = Recorder()
        complete = recorder.around(echo)
        for text in order:
            await complete(chat(text))
        files.append(tmp_path / f"{order[0]}.calls.jsonl.zst")
        write_calls(files[-1], recorder.said.values())
    assert files[0].read_bytes() == files[1].read_bytes()
    assert len(RecordedCalls(files[0])) == 2
