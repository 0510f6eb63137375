"""Calls, completions and scripts for tests of how calls are made."""

from panelsim.model.call import Call, ChatCall, Completion, Message, ModelRef, Sampling, Usage
from panelsim.script import Script

MODEL = ModelRef(provider="fake", name="one")


def chat(text: str = "hello", *, replicate: int = 0, max_tokens: int = 10, lane: str = "") -> ChatCall:
    return ChatCall(
        model=MODEL,
        messages=(Message(role="user", content=text),),
        sampling=Sampling(max_tokens=max_tokens),
        replicate=replicate,
        lane=lane,
    )


def said(text: str, *, prompt: int = 10, completion: int = 5) -> Completion:
    return Completion(text=text, usage=Usage(prompt_tokens=prompt, completion_tokens=completion))


def text_of(call: Call) -> str:
    return call.messages[-1].content if isinstance(call, ChatCall) else call.text


async def echo(call: Call) -> Completion:
    """Says back the last message."""
    return said(text_of(call))


def talk(*texts: str) -> Script[tuple[str, ...]]:
    """Asks one text after the other."""
    heard = []
    for text in texts:
        (one,) = yield (chat(text),)
        heard.append(one.text)
    return tuple(heard)


def at_once(*texts: str) -> Script[tuple[str, ...]]:
    """Asks all texts at the same time."""
    heard = yield tuple(chat(text) for text in texts)
    return tuple(one.text for one in heard)
