"""Providers: where models are asked. Importing this package imports no SDK; opening a provider does."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from urllib.parse import urlsplit

from panelsim.errors import InputError
from panelsim.model.call import ModelRef
from panelsim.providers.base import Complete, Observe, Options, Provider, unobserved
from panelsim.providers.clock import Clock
from panelsim.providers.line import Line
from panelsim.providers.rates import NO_RATES, Rates, SharedRates, parse_rates

__all__ = [
    "NO_RATES",
    "PROVIDERS",
    "Complete",
    "Line",
    "Options",
    "Provider",
    "Rates",
    "SharedRates",
    "open_line",
    "open_provider",
    "parse_model_ref",
    "parse_rates",
    "resolve_model_ref",
]


def _embedded(options: Options) -> Provider:
    from panelsim.providers.embedded import Embedded

    return Embedded(options)


def _openai(options: Options) -> Provider:
    from panelsim.providers.openai import OpenAI

    return OpenAI(options)


def _litellm(options: Options) -> Provider:
    from panelsim.providers.litellm import LiteLLM

    return LiteLLM(options)


def _scripted(_options: Options) -> Provider:
    from panelsim.providers.scripted import Scripted

    return Scripted()


PROVIDERS: Mapping[str, Callable[[Options], Provider]] = {
    "embedded": _embedded,
    "openai": _openai,
    "litellm": _litellm,
    "scripted": _scripted,
}

TAKE_BASE_URL = frozenset({"openai", "litellm"})


def open_provider(name: str, options: Options) -> Provider:
    """The provider `name`, ready to be asked. Raises `InputError` if there is none of that name."""
    _check_name(name, name)
    return PROVIDERS[name](options)


def open_line(
    name: str,
    options: Options,
    *,
    at_once: int | None = None,
    rates: Rates = NO_RATES,
    shared: SharedRates | None = None,
    clock: Clock | None = None,
    observe: Observe = unobserved,
) -> Line:
    """The provider `name`, opened, with its limiter: what all runs of this process ask through.

    `at_once` calls are under way at most (absent: what suits the provider), no more a minute than `rates`
    say; with `shared`, other processes draw on the same rates. Raises `InputError` if there is no provider
    of that name.
    """

    def listen(model: ModelRef, headers: Mapping[str, str]) -> None:
        line.limiter.hear(model, headers)

    line = Line(
        open_provider(name, options._replace(listen=listen)),
        at_once=at_once,
        rates=rates,
        shared=shared,
        patience_s=options.patience_s,
        clock=clock,
        observe=observe,
    )
    return line


def parse_model_ref(text: str, base_url: str = "") -> ModelRef:
    """The model named by `PROVIDER/NAME`, or by `embedded:PATH` for a GGUF file of one's own.

    Raises `InputError` for an unknown provider, an absent name, or an endpoint that is not an http address.
    """
    provider, separator, name = text.partition("/")
    if text.startswith("embedded:"):
        provider, separator, name = text.partition(":")
    if not separator or not name.strip():
        raise InputError(f"model {text!r} is not PROVIDER/NAME, for example openai/gpt-4o-mini")
    _check_name(provider, text)
    endpoint = base_url.strip().rstrip("/")
    if endpoint:
        _check_endpoint(provider, endpoint)
    return ModelRef(provider=provider, name=name.strip(), base_url=endpoint)


def resolve_model_ref(ref: ModelRef, options: Options) -> ModelRef:
    """`ref` as it stands in calls: checked where that can be done, an embedded name with its file's hash.

    Raises `InputError` for a model that is not there or whose key is not.
    """
    if ref.provider == "embedded":
        from panelsim.providers.model_files import local_model

        return ref.model_copy(update={"name": local_model(ref.name, options.cache_dir).name})
    if ref.provider == "openai" and not ref.base_url and options.openai_api_key is None:
        raise InputError(
            f"model {str(ref)!r} needs a key; set OPENAI_API_KEY, or base_url for another server"
        )
    if ref.provider == "scripted":
        from panelsim.providers.scripted import check_behaviour

        check_behaviour(ref.name)
    return ref


def _check_name(provider: str, text: str) -> None:
    if provider in PROVIDERS:
        return
    near = get_close_matches(provider, PROVIDERS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise InputError(f"model {text!r}: provider {provider!r} is not one of {sorted(PROVIDERS)}{hint}")


def _check_endpoint(provider: str, endpoint: str) -> None:
    if provider not in TAKE_BASE_URL:
        raise InputError(
            f"base_url {endpoint!r}: provider {provider!r} has no endpoint; openai and litellm have one"
        )
    address = urlsplit(endpoint)
    if address.scheme not in {"http", "https"} or not address.hostname:
        raise InputError(f"base_url {endpoint!r} is not an address; expected http://HOST or https://HOST")
    if address.username or address.password:
        raise InputError("base_url carries a user name or password; put the key in OPENAI_API_KEY instead")
    if address.query or address.fragment:
        raise InputError("base_url carries a query, expected none; put a key in OPENAI_API_KEY instead")
