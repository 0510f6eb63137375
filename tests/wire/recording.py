"""Cassettes: how requests are matched and what never reaches the file.

Run `python -m tests.wire.recording` to record `by_seed.yaml` anew from the local server.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import vcr
from pydantic import SecretStr

from panelsim.model.call import ChatCall, Completion, Message, ModelRef, Sampling
from panelsim.providers import Options, open_provider
from tests.wire.fake_server import KEY, serving

CASSETTE = Path(__file__).parent / "cassettes" / "by_seed.yaml"
KEPT_HEADERS = ("content-type",)
REPLICATES = range(4)


def recorder(record_mode: vcr.mode) -> vcr.VCR:
    """Matches method, path and whole body, not the port; keeps no header but the content's type."""
    return vcr.VCR(
        record_mode=record_mode,
        match_on=("method", "path", "body"),
        before_record_request=_without_headers,
        before_record_response=_response_without_headers,
        decode_compressed_response=True,
    )


def _without_headers(request: vcr.request.Request) -> vcr.request.Request:
    request.headers = {name: value for name, value in request.headers.items() if name.lower() in KEPT_HEADERS}
    return request


def _response_without_headers(response: dict[str, object]) -> dict[str, object]:
    headers = response["headers"]
    assert isinstance(headers, dict)
    kept = {name: value for name, value in headers.items() if str(name).lower() in KEPT_HEADERS}
    return {**response, "headers": kept}


def call(base_url: str, replicate: int) -> ChatCall:
    return ChatCall(
        model=ModelRef(provider="openai", name="by-seed", base_url=base_url),
        messages=(Message(role="user", content="One digit:"),),
        sampling=Sampling(max_tokens=1, seed=40),
        replicate=replicate,
    )


async def answers(base_url: str, replicates: Iterable[int]) -> list[Completion]:
    """Asks one after the other."""
    provider = open_provider("openai", Options(cache_dir=Path(), openai_api_key=SecretStr(KEY)))
    try:
        return [await provider.complete(call(base_url, replicate)) for replicate in replicates]
    finally:
        await provider.close()


def record() -> None:
    """Writes the cassette anew."""
    CASSETTE.unlink(missing_ok=True)
    with serving() as server, recorder(vcr.mode.ONCE).use_cassette(str(CASSETTE)):
        asyncio.run(answers(server.url, REPLICATES))


if __name__ == "__main__":
    record()
