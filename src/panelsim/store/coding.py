"""The form in which completions and calls are stored: keys in bytes, completions packed, calls in blocks."""

import hashlib
import struct
import sys
import threading
from array import array
from collections.abc import Sequence
from typing import NamedTuple

from pydantic import TypeAdapter
from zstandard import DICT_TYPE_RAWCONTENT, ZstdCompressionDict, ZstdCompressor, ZstdDecompressor, ZstdError

from panelsim.model.call import Call, Completion

CALLS: TypeAdapter[Call] = TypeAdapter(Call)

LEVEL = 1
BLOCK_BYTES = 256_000
"""How much text of calls a block holds at most before compression (a longer call has its own)."""
MOST_BYTES = 1 << 30
"""No packed thing is larger once unpacked; a damaged header cannot ask for all memory."""

_HEADLINE = (
    b'","top":[["Yes",-0.0],["No",-1.0]]},{"token":"","logprob":-0.'
    b'{"text":"{\\"answer\\": \\"I would not, because the ","finish_reason":"length",'
    b'"usage":{"prompt_tokens":1,"cached_tokens":0,"completion_tokens":100},"cost_usd":0.000,"logprobs":[],"vector":[],"reported_model":"gpt-"}'
    b'","finish_reason":"stop","usage":{"prompt_tokens":'
    b'},"cost_usd":0.0,"logprobs":[],"vector":[],"reported_model":"'
    b'{"text":"'
)
"""What most completions have in common; part of the form, so a change needs a new mark."""

PLAIN, PACKED, VECTOR = b"p", b"z", b"v"
"""Marks: JSON; JSON compressed with the headline; a vector of 32-bit numbers before one of the two."""

_LENGTH = struct.Struct("<I")


class Damaged(ValueError):
    """What lies in the store cannot be unpacked."""


class Key(NamedTuple):
    """A call's key as it is stored."""

    form: int
    digest: bytes

    @property
    def head(self) -> int:
        """The digest's first 8 bytes as a signed number."""
        return int.from_bytes(self.digest[:8], "big", signed=True)

    @property
    def tail(self) -> bytes:
        """The rest of the digest."""
        return self.digest[8:]

    def __str__(self) -> str:
        return f"call{self.form}:{self.digest.hex()}"


def read_key(text: str) -> Key | None:
    """The key that `text` writes (`call1:` and 64 hex digits), or None if it is no key of a call."""
    prefix, _, digits = text.partition(":")
    if len(digits) != 64 or not prefix.startswith("call"):
        return None
    try:
        form = 1 if prefix == "call1" else int(prefix[4:])
        digest = bytes.fromhex(digits)
    except ValueError:
        return None
    is_written_so = digest.hex() == digits and (form == 1 or f"call{form}" == prefix)
    return Key(form, digest) if is_written_so and 0 <= form < 1 << 15 else None


def key_of(form: int, head: int, tail: bytes) -> Key:
    """The key of a stored row."""
    return Key(form, head.to_bytes(8, "big", signed=True) + tail)


def digest_of(key: Key, said: bytes) -> bytes:
    """What a row must carry so that a changed, damaged or misplaced completion is found: 8 bytes."""
    return hashlib.sha256(key.digest + said).digest()[:8]


def check(key: Key, said: bytes, digest: bytes) -> None:
    """Raises `Damaged` if the completion is not the one that was stored under the key."""
    if digest_of(key, said) != digest:
        raise Damaged("its digest does not fit")


class Coder(threading.local):
    """Packs and unpacks. One a thread: the compressor's contexts are not to be shared."""

    def __init__(self) -> None:
        headline = ZstdCompressionDict(_HEADLINE, dict_type=DICT_TYPE_RAWCONTENT)
        headline.precompute_compress(level=LEVEL)
        self._pack = ZstdCompressor(
            level=LEVEL, dict_data=headline, write_dict_id=False, write_content_size=True
        )
        self._unpack = ZstdDecompressor(dict_data=headline)
        self._squeeze = ZstdCompressor(level=LEVEL)
        self._expand = ZstdDecompressor()

    def pack(self, said: Completion) -> bytes:
        """A completion in the fewest bytes that give it back exactly."""
        vector = _narrowed(said.vector)
        if vector:
            numbers = vector.tobytes()
            rest = said.model_copy(update={"vector": ()})
            return VECTOR + _LENGTH.pack(len(numbers)) + numbers + self.pack(rest)
        text = said.__pydantic_serializer__.to_json(said)
        packed = self._pack.compress(text)
        return PACKED + packed if len(packed) < len(text) else PLAIN + text

    def unpack(self, said: bytes) -> Completion:
        """The completion that was packed. Raises `Damaged`."""
        try:
            return self._unpacked(said)
        except (ValueError, ZstdError, struct.error) as error:
            raise Damaged(str(error)) from error

    def _unpacked(self, said: bytes) -> Completion:
        mark = said[:1]
        if mark == PACKED:
            return Completion.model_validate_json(self._unpack.decompress(said[1:], MOST_BYTES))
        if mark == PLAIN:
            return Completion.model_validate_json(said[1:])
        if mark == VECTOR:
            (length,) = _LENGTH.unpack_from(said, 1)
            rest = self._unpacked(said[5 + length :])
            vector = array("f", said[5 : 5 + length])
            if sys.byteorder == "big":
                vector.byteswap()
            return rest.model_copy(update={"vector": tuple(vector)})
        raise Damaged(f"unknown mark {mark!r}")

    def squeeze(self, text: bytes) -> bytes:
        """Compressed text."""
        return self._squeeze.compress(text)

    def expand(self, packed: bytes) -> bytes:
        """The text that was squeezed. Raises `Damaged`."""
        try:
            return self._expand.decompress(packed, MOST_BYTES)
        except ZstdError as error:
            raise Damaged(str(error)) from error

    def block(self, calls: Sequence[bytes]) -> bytes:
        """Calls as JSON, one a line (JSON as it is written has no line breaks), compressed together."""
        return self._squeeze.compress(b"\n".join(calls))

    def calls(self, block: bytes) -> list[bytes]:
        """The calls of a block as JSON. Raises `Damaged`."""
        return self.expand(block).split(b"\n")


CODER = Coder()


def _narrowed(vector: tuple[float, ...]) -> "array[float] | None":
    """The vector in 32-bit numbers if that loses nothing, which holds for what models compute."""
    if not vector:
        return None
    try:
        narrow = array("f", vector)
    except OverflowError:
        return None
    if tuple(narrow) != vector:
        return None
    if sys.byteorder == "big":
        narrow.byteswap()
    return narrow
