"""Scripts gathered in lockstep, driven by hand."""

import pytest

from panelsim.script import Script, gather
from tests.calls import at_once, said, talk, text_of


def test_gathered_scripts_yield_their_calls_together_and_keep_their_order() -> None:
    script = gather(talk("a1", "a2"), at_once("b1", "b2"), talk("c1"))
    first = next(script)
    assert [text_of(call) for call in first] == ["a1", "b1", "b2", "c1"]
    second = script.send(tuple(said(text_of(call).upper()) for call in first))
    assert [text_of(call) for call in second] == ["a2"]
    with pytest.raises(StopIteration) as end:
        script.send((said("A2"),))
    assert end.value.value == (("A1", "A2"), ("B1", "B2"), ("C1",))


def test_scripts_without_calls_are_gathered_at_once() -> None:
    def silent(value: int) -> Script[int]:
        yield from ()
        return value

    with pytest.raises(StopIteration) as end:
        next(gather(silent(1), silent(2)))
    assert end.value.value == (1, 2)


def test_closing_a_gathered_script_closes_its_parts() -> None:
    closed: list[str] = []

    def watched(name: str) -> Script[None]:
        try:
            yield from talk(name)
        finally:
            closed.append(name)

    script = gather(watched("a"), watched("b"))
    next(script)
    script.close()
    assert closed == ["a", "b"]
