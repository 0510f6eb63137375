"""Prices: what a model's tokens cost, and upper bounds and settled costs of calls, in exact units.

Money is counted in whole picodollars (1e-12 US dollars), so that sums of many small costs are exact.
"""

import importlib.util
import json
import math
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, NamedTuple, assert_never
from urllib.parse import urlsplit

from pydantic import Field, JsonValue, TypeAdapter

from panelsim.errors import InputError
from panelsim.model.base import Frozen
from panelsim.model.call import Call, ChatCall, EmbeddingCall, ModelRef, Usage

PICO = 10**12
FREE_PROVIDERS = frozenset({"embedded", "scripted"})
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

MESSAGE_TOKENS = 16
"""Allowance for the role and separator tokens a provider adds to each message."""
CALL_TOKENS = 64
"""Allowance for the tokens a provider adds to each request."""

PerMillion = Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Price(Frozen):
    """US dollars per million tokens."""

    prompt: PerMillion
    completion: PerMillion
    cached: PerMillion | None = None
    """Prompt tokens served from the provider's prompt cache; absent: the same as `prompt`."""


FREE = Price(prompt=0, completion=0)

PriceTable = Mapping[str, Price]
"""`PROVIDER/NAME` to its price, as the user gave it."""


def parse_prices(text: str) -> dict[str, Price]:
    """Prices from `PROVIDER/NAME=IN,OUT[,CACHED]` entries, dollars per million tokens, separated by `;`.

    Raises `InputError`.
    """
    prices = {}
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, _, figures = entry.rpartition("=")
        try:
            prompt, completion, *cached = (float(figure) for figure in figures.split(","))
            (reduced,) = cached or (None,)
            price = Price(prompt=prompt, completion=completion, cached=reduced)
        except ValueError:
            name = ""
        if "/" not in name:
            raise InputError(
                f"price {entry!r} cannot be read; expected PROVIDER/NAME=IN,OUT or IN,OUT,CACHED in dollars "
                "per million tokens, for example openai/gpt-4o-mini=0.15,0.60,0.075"
            )
        prices[name.strip()] = price
    return prices


class Priced(NamedTuple):
    """A price and where it comes from."""

    price: Price
    source: str
    """In words for a report: `given`, `free: runs on this machine` or `litellm 1.83.0's table`."""
    dated: date | None = None
    """The day the price was current; absent if nobody says: litellm's table carries no date."""


GIVEN = "given"
HERE = "free: runs on this machine"


def price_of(model: ModelRef, given: PriceTable) -> Price:
    """The price of `model`; see `priced`."""
    return priced(model, given).price


def priced(model: ModelRef, given: PriceTable) -> Priced:
    """The price of `model`: as given, else nothing on this machine, else from the table that litellm ships.

    Raises `InputError` if the price is not known: a cost cap cannot be kept without one.
    """
    if str(model) in given:
        return Priced(given[str(model)], GIVEN)
    if model.provider in FREE_PROVIDERS or urlsplit(model.base_url).hostname in LOOPBACK:
        return Priced(FREE, HERE)
    listed = None if model.base_url else _listed(model)
    if listed is None:
        at = f" at {model.base_url}" if model.base_url else ""
        raise InputError(
            f"the price of {str(model)!r}{at} is not known, so its cost cannot be capped; give it in dollars "
            f"per million tokens: PANELSIM_PRICES='{model}=IN,OUT'"
        )
    return Priced(listed, price_table())


@lru_cache(maxsize=1)
def price_table() -> str:
    """Which table prices are looked up in, such as `litellm 1.83.0's table`."""
    return f"litellm {version('litellm')}'s table"


def bound_tokens(call: Call) -> int:
    """More prompt tokens than `call` can have: a token stands for at least one byte of UTF-8."""
    match call:
        case ChatCall():
            said = sum(_size(message.content) + MESSAGE_TOKENS for message in call.messages)
            return said + _size(call.response_schema) + CALL_TOKENS
        case EmbeddingCall():
            return _size(call.text) + CALL_TOKENS
        case _:
            assert_never(call)


def bound_pico(call: Call, price: Price) -> int:
    """The most that one attempt of `call` can cost, in picodollars."""
    if not (price.prompt or price.completion or price.cached):
        return 0
    out = call.sampling.max_tokens if isinstance(call, ChatCall) else 0
    dearest = max(price.prompt, price.cached or 0)
    return _pico(bound_tokens(call), dearest) + _pico(out, price.completion)


def cost_pico(usage: Usage, price: Price) -> int:
    """What `usage` costs, in picodollars, each part rounded up."""
    cached = min(usage.cached_tokens, usage.prompt_tokens)
    rate = price.prompt if price.cached is None else price.cached
    fresh = _pico(usage.prompt_tokens - cached, price.prompt)
    return fresh + _pico(cached, rate) + _pico(usage.completion_tokens, price.completion)


def bound_usd(call: Call, price: Price) -> float:
    """The most that one attempt of `call` can cost, in dollars."""
    return bound_pico(call, price) / PICO


def _pico(tokens: int, per_million: float) -> int:
    return math.ceil(tokens * per_million * (PICO // 10**6) - 1e-6)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _listed(model: ModelRef) -> Price | None:
    """The price in litellm's table, which lists some names bare and some as `vendor/name`."""
    table = _litellm_table()
    vendor, _, bare = model.name.partition("/")
    for name, owner in ((model.name, None), (f"{model.provider}/{model.name}", None), (bare, vendor)):
        entry = table.get(name)
        if (
            entry is not None
            and owner in (None, entry.litellm_provider)
            and entry.input_cost_per_token is not None
        ):
            cached = entry.cache_read_input_token_cost
            return Price(
                prompt=entry.input_cost_per_token * 1e6,
                completion=(entry.output_cost_per_token or 0) * 1e6,
                cached=None if cached is None else cached * 1e6,
            )
    return None


class _Listed(Frozen, extra="ignore"):
    litellm_provider: str = ""
    input_cost_per_token: float | None = None
    output_cost_per_token: float | None = None
    cache_read_input_token_cost: float | None = None


_ENTRIES: TypeAdapter[dict[str, JsonValue]] = TypeAdapter(dict[str, JsonValue])


@lru_cache(maxsize=1)
def _litellm_table() -> dict[str, _Listed]:
    """Litellm's own price table, read from its package without importing it (an import takes seconds)."""
    spec = importlib.util.find_spec("litellm")
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise InputError(
            "the price table is part of the litellm package, which is not installed; reinstall panelsim"
        )
    path = Path(folders[0]) / "model_prices_and_context_window_backup.json"
    entries = _ENTRIES.validate_python(json.loads(path.read_bytes()))
    return {name: _Listed.model_validate(entry) for name, entry in entries.items() if name != "sample_spec"}
