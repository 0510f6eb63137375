"""The embedded provider: models on this machine, asked over loopback, with no key and nothing sent out."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Literal, NamedTuple, Protocol, TypeAlias, assert_never

import aiohttp
from pydantic import BaseModel, Field, JsonValue, ValidationError

from panelsim.errors import InputError, ProviderError, RefusedRequest, TransientError
from panelsim.model.call import Call, ChatCall, Completion, EmbeddingCall, TokenLogprob, Usage
from panelsim.providers.base import Options
from panelsim.providers.llama_process import LlamaServer, Serving
from panelsim.providers.model_files import LocalModel, local_model
from panelsim.providers.sentence import SentenceEncoder
from panelsim.providers.slots import SlotPool

DYING_S = 1.0
"""Seconds to see whether a server that broke off is dead, so that the next call starts another."""
PATIENCE = 5
"""A call may take this many times the usual time-out: a server of our own is slow, not lost."""


# ---- translating


def chat_body(call: ChatCall, slot: int) -> dict[str, JsonValue]:
    """The request for `call` in the given slot.

    The server's own sampling defaults (top-k 40, min-p .05) are off: the model's distribution is drawn from.
    """
    sampling = call.sampling
    body: dict[str, JsonValue] = {
        "messages": [{"role": message.role, "content": message.content} for message in call.messages],
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": 0,
        "min_p": 0.0,
        "max_tokens": sampling.max_tokens,
        "seed": call.drawn_with,
        "id_slot": slot,
        "cache_prompt": True,
    }
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    if call.response_schema:
        schema: JsonValue = json.loads(call.response_schema)
        named: JsonValue = {"name": "answer", "strict": True, "schema": schema}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
    if call.top_logprobs:
        body["logprobs"] = True
        body["top_logprobs"] = call.top_logprobs
    return body


class _Token(BaseModel):
    token: str
    logprob: float


class _Place(_Token):
    top_logprobs: tuple[_Token, ...] = ()


class _Places(BaseModel):
    content: tuple[_Place, ...] = ()


class _Said(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Said
    finish_reason: Literal["stop", "length"]
    logprobs: _Places | None = None


class _Details(BaseModel):
    cached_tokens: int = 0


class _Usage(BaseModel):
    prompt_tokens: int
    completion_tokens: int
    prompt_tokens_details: _Details = _Details()


class _Reply(BaseModel):
    choices: Annotated[tuple[_Choice, ...], Field(min_length=1, max_length=1)]
    usage: _Usage


def completion_of(reply: bytes, model: str) -> Completion:
    """The completion in the server's reply. Raises `ProviderError` if it has another form than expected."""
    try:
        read = _Reply.model_validate_json(reply)
    except ValidationError as error:
        wrong = f"{error.errors()[0]['msg']} in {reply[:200]!r}"
        raise ProviderError(f"model {model!r}: its reply cannot be read: {wrong}") from error
    (choice,) = read.choices
    places = choice.logprobs.content if choice.logprobs else ()
    return Completion(
        text=choice.message.content or "",
        finish_reason=choice.finish_reason,
        usage=Usage(
            prompt_tokens=read.usage.prompt_tokens,
            cached_tokens=min(read.usage.prompt_tokens_details.cached_tokens, read.usage.prompt_tokens),
            completion_tokens=read.usage.completion_tokens,
        ),
        logprobs=tuple(
            TokenLogprob(
                token=p.token, logprob=p.logprob, top=tuple((t.token, t.logprob) for t in p.top_logprobs)
            )
            for p in places
        ),
        reported_model=model,
    )


def error_of(status: int, reply: bytes, model: str) -> ProviderError:
    """The error for a reply that is not a success."""
    said = f"model {model!r}: the embedded server says {status}: {reply[:300].decode(errors='replace')}"
    if status == 429 or status >= 500:
        return TransientError(said)
    return RefusedRequest(said)


# ---- asking


class Server(Protocol):
    """A server of one model that runs, and how to reach it."""

    address: str
    key: str

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        ...

    def ends_within(self, seconds: float) -> bool:
        """Whether it ends in that time."""
        ...

    def stop(self) -> object:
        """Ends it."""
        ...


class Shelf(Protocol):
    """Where models are found, and how they are served."""

    def find(self, name: str) -> LocalModel:
        """The model of that name. Raises `InputError` if it is not there."""
        ...

    def serve(self, model: LocalModel, serving: Serving) -> Server:
        """A server of `model` that answers. Raises `ProviderError` if it cannot start."""
        ...


Start: TypeAlias = Callable[[LocalModel, Serving], Server]


class ThisMachine(NamedTuple):
    """The shelf of this machine: files in the cache folder, served by a process of our own."""

    cache_dir: Path

    def find(self, name: str) -> LocalModel:
        """The model file of that name, checked."""
        return local_model(name, self.cache_dir)

    def serve(self, model: LocalModel, serving: Serving) -> Server:
        """A child process that serves the file, which takes seconds to start."""
        return LlamaServer(model, serving, self.cache_dir / "logs")


class ChatModel:
    """One chat model: its server, started on the first call, and its slots."""

    def __init__(self, model: LocalModel, serving: Serving, options: Options, start: Start) -> None:
        self._model = model
        self._serving = serving
        self._options = options
        self._start = start
        self._starting = asyncio.Lock()
        self._server: Server | None = None
        self._http: aiohttp.ClientSession | None = None
        self._slots = SlotPool(serving.slots)

    async def complete(self, call: ChatCall) -> Completion:
        """What the model says to `call`, in the slot that holds most of its prompt."""
        prompt = "\0".join(f"{message.role}\0{message.content}" for message in call.messages)
        async with self._slots.slot(call.lane, prompt) as slot:
            http = await self._ready()
            try:
                async with http.post("/v1/chat/completions", json=chat_body(call, slot)) as response:
                    reply = await response.read()
            except (aiohttp.ClientError, TimeoutError) as error:
                if self._server is not None:
                    await asyncio.to_thread(self._server.ends_within, DYING_S)
                raise TransientError(
                    f"model {self._model.name!r}: its server broke off: {error!r}"
                ) from error
        if response.status != 200:
            raise error_of(response.status, reply, self._model.name)
        return completion_of(reply, self._model.name)

    async def _ready(self) -> aiohttp.ClientSession:
        async with self._starting:
            if self._server is None or self._http is None or not self._server.is_alive:
                await self.close()
                self._server = await asyncio.to_thread(self._start, self._model, self._serving)
                self._http = aiohttp.ClientSession(
                    self._server.address,
                    headers={"Authorization": f"Bearer {self._server.key}"},
                    timeout=aiohttp.ClientTimeout(total=PATIENCE * self._options.timeout_s),
                )
            return self._http

    async def close(self) -> None:
        """Ends the connections and the server."""
        http, server = self._http, self._server
        self._http = self._server = None
        if http is not None:
            await http.close()
        if server is not None:
            await asyncio.to_thread(server.stop)


class SentenceModel:
    """One sentence model, loaded on the first call and run in a thread of this process."""

    def __init__(self, model: LocalModel) -> None:
        self._model = model
        self._loading = asyncio.Lock()
        self._encoder: SentenceEncoder | None = None

    async def complete(self, call: EmbeddingCall) -> Completion:
        """The unit vector of the call's text."""
        async with self._loading:
            if self._encoder is None:
                self._encoder = await asyncio.to_thread(SentenceEncoder, self._model.path)
            vector, tokens = await asyncio.to_thread(self._encoder.encode, call.text)
        return Completion(vector=vector, usage=Usage(prompt_tokens=tokens), reported_model=self._model.name)

    async def close(self) -> None:
        """Forgets the weights."""
        self._encoder = None


class Embedded:
    """Asks models that run on this machine. Belongs to one event loop; calls name a model as `name@hash`."""

    paced_by_lane = True

    def __init__(self, options: Options, serving: Serving | None = None, shelf: Shelf | None = None) -> None:
        """Starts nothing yet. Raises `InputError` if `serving` cannot be; absent, `shelf` is this machine."""
        self._options = options
        self._shelf = shelf or ThisMachine(options.cache_dir)
        self._serving = serving or Serving()
        if self._serving.slots < 1 or self._serving.context < 256:
            raise InputError(f"embedded: {self._serving}; expected at least 1 slot of 256 tokens")
        self.at_once = self._serving.at_once
        self._opening = asyncio.Lock()
        self._models: dict[str, ChatModel | SentenceModel] = {}

    async def complete(self, call: Call) -> Completion:
        """What the model says to `call`. Makes exactly one attempt.

        Raises `InputError` if the model is not on this machine, `RefusedRequest` if the call does not fit it,
        `TransientError` if its server broke off, `ProviderError` if it cannot start.
        """
        model = await self._model(call.model.name)
        match call, model:
            case ChatCall(), ChatModel():
                return await model.complete(call)
            case EmbeddingCall(), SentenceModel():
                return await model.complete(call)
            case _:
                raise RefusedRequest(f"model {call.model.name!r} takes no {call.kind} calls")

    async def _model(self, name: str) -> ChatModel | SentenceModel:
        async with self._opening:
            if name not in self._models:
                found = await asyncio.to_thread(self._shelf.find, name)
                self._models[name] = self._opened(found)
            return self._models[name]

    def _opened(self, model: LocalModel) -> ChatModel | SentenceModel:
        match model.kind:
            case "chat":
                return ChatModel(model, self._serving, self._options, self._shelf.serve)
            case "embedding":
                return SentenceModel(model)
            case _:
                assert_never(model.kind)

    async def close(self) -> None:
        """Stops the servers and gives their memory back."""
        for model in self._models.values():
            await model.close()
