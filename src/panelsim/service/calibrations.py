"""Calibrations that an account keeps: made from past results that it sends, read back for its studies."""

import hashlib
import json
from dataclasses import dataclass

from panelsim.errors import InputError
from panelsim.files.calibrations import calibration_in, calibration_text
from panelsim.files.results import Wanted, results_in
from panelsim.files.tables import parse_table
from panelsim.model.calibration import Calibration, PastResults
from panelsim.providers.catalogue import DEFAULT_EMBEDDING
from panelsim.providers.model_files import is_pulled
from panelsim.service.calibrate import build_calibration, checked_pairs, encode_pairs
from panelsim.service.child import run_apart
from panelsim.service.vectors import sentence_model
from panelsim.settings import Settings
from panelsim.store import Store
from panelsim.store.documents import Document

KIND = "calibration"
BODY = "the body"
"""How errors name what was sent."""
MOST_ROWS = 10_000
"""Texts of past tests that one calibration is made from here: 5,000 tests of two texts take about 20 s of
processor time, and 20 s more with sentence vectors."""


@dataclass(frozen=True)
class PastWish:
    """Past results as they were sent, and what is to be made of them."""

    data: bytes
    form: str
    """The end of a file's name, as `files.tables` knows it."""
    name: str
    """What the account calls them."""
    wanted: Wanted
    vectors: bool
    seed: int

    @property
    def id(self) -> str:
        """The calibration's id: the same wish gives the same one."""
        wanted = self.wanted._asdict()
        told = json.dumps([self.form, self.name, wanted, self.vectors, self.seed], sort_keys=True)
        return f"cal-{hashlib.sha256(told.encode() + bytes(1) + self.data).hexdigest()[:16]}"


def make_calibration(store: Store, account: str, wish: PastWish, settings: Settings) -> tuple[Document, bool]:
    """The calibration of a wish, kept for the account, and whether it was not kept before.

    Takes seconds, in a process of its own. Raises `InputError` for what is wrong with the rows, or if the
    sentence model is wanted and not here, before anything is computed.
    """
    known = store.document(account, KIND, wish.id)
    if known is not None:
        return known, False
    if wish.vectors and not is_pulled(DEFAULT_EMBEDDING, settings.cache_dir):
        raise InputError(
            f"model {DEFAULT_EMBEDDING!r}, which reads the texts, is not on the server; pass vectors=false, "
            f"or ask whoever runs the server for: panelsim models pull {DEFAULT_EMBEDDING}"
        )
    table = parse_table(wish.data, wish.form, BODY, skip_bad=wish.wanted.skip_bad, most_rows=MOST_ROWS)
    results = results_in(table, wish.wanted, hashlib.sha256(wish.data).hexdigest())._replace(name=wish.name)
    checked_pairs(results)
    text = run_apart(build_text, results, wish.vectors, wish.seed, settings)
    return _kept(store, account, wish.id, text)


def build_text(results: PastResults, vectors: bool, seed: int, settings: Settings) -> str:
    """The calibration of past results as the text of its file."""
    pairs = checked_pairs(results)
    ref = sentence_model(settings) if vectors else None
    values = None if ref is None else encode_pairs(pairs, ref, settings)
    made = build_calibration(results, pairs, vectors=values, embedding_model=ref, panel=None, seed=seed)
    return calibration_text(made)


def import_calibration(store: Store, account: str, text: str) -> tuple[Document, bool]:
    """A calibration file that `panelsim calibrate` wrote, kept for the account. Raises `InputError`."""
    calibration = calibration_in(text, BODY)
    name = f"cal-{calibration.key.rpartition(':')[2][:16]}"
    known = store.document(account, KIND, name)
    return (known, False) if known is not None else _kept(store, account, name, calibration_text(calibration))


def _kept(store: Store, account: str, name: str, text: str) -> tuple[Document, bool]:
    made = store.add_document(account, KIND, name, text, after=0)
    known = made or store.document(account, KIND, name)
    if known is None:
        raise InputError(f"calibration {name!r} was deleted while it was made; send it again")
    return known, made is not None


def calibration_of(document: Document) -> Calibration:
    """The calibration in a document."""
    return calibration_in(document.body, f"calibration {document.id!r}")


def known_calibration(store: Store, account: str, name: str) -> Calibration:
    """The account's calibration of that id. Raises `InputError` if there is none."""
    document = store.document(account, KIND, name)
    if document is None:
        raise InputError(f"calibration: no calibration {name!r} is known to this key")
    return calibration_of(document)
