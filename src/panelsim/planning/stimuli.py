"""Stimuli that a study may show, and the control stimuli that are planned beside them."""

from collections.abc import Sequence
from unicodedata import category

import numpy as np

from panelsim.errors import InputError
from panelsim.model.study import Stimulus

DECOY = "control-decoy"
SHUFFLED = "control-shuffled"
DUPLICATE = "control-duplicate"
NOBODY = ""
"""The respondent of a sheet's assignments, which anybody may be given."""


def check_texts(study_id: str, stimuli: Sequence[Stimulus], noun: str) -> None:
    """InputError if stimuli repeat an id or a text, cannot be read, or carry a control's role.

    `noun` is what a reader of the error calls one of them: `headline`.
    """
    seen: dict[str, str] = {}
    ids: set[str] = set()
    for stimulus in stimuli:
        if stimulus.role != "variant" or stimulus.id.startswith("control-"):
            raise InputError(
                f"study {study_id!r}: stimulus {stimulus.id!r} is a control; panelsim plans those, "
                "list only the variants to test"
            )
        if stimulus.id in ids:
            raise InputError(f"study {study_id!r}: stimulus id {stimulus.id!r} is used twice")
        _check_printable(study_id, stimulus)
        same = " ".join(stimulus.text.casefold().split())
        if not same:
            raise InputError(f"study {study_id!r}: stimulus {stimulus.id!r} is empty, expected a {noun}")
        if same in seen:
            raise InputError(
                f"study {study_id!r}: stimuli {seen[same]!r} and {stimulus.id!r} are the same {noun}; "
                "every run already carries an exact duplicate as a control"
            )
        seen[same] = stimulus.id
        ids.add(stimulus.id)


def _check_printable(study_id: str, stimulus: Stimulus) -> None:
    for character in stimulus.shown:
        if category(character) in ("Cc", "Cs") and character not in "\n\t":
            raise InputError(
                f"study {study_id!r}: stimulus {stimulus.id!r} holds the unprintable character "
                f"U+{ord(character):04X}, expected text that a reader can see"
            )


def duplicate_of(stimulus: Stimulus) -> Stimulus:
    """The exact copy of `stimulus`."""
    return Stimulus(id=DUPLICATE, text=stimulus.text, role="duplicate", of=stimulus.id, name=stimulus.name)


def decoy_of(stimuli: Sequence[Stimulus], decoys: Sequence[str], rng: np.random.Generator) -> Stimulus:
    """One of `decoys`, each as likely, that is not itself tested. InputError if none is left."""
    texts = {stimulus.text.casefold() for stimulus in stimuli}
    usable = [decoy for decoy in decoys if decoy.casefold() not in texts]
    if not usable:
        raise InputError(
            "no decoy is left that is not itself a variant; add one to prompts/controls.yaml "
            "(of concepts: prompts/concept_controls.yaml)"
        )
    return Stimulus(id=DECOY, text=usable[int(rng.integers(len(usable)))], role="decoy")


def control_stream(seed: int) -> np.random.Generator:
    """The random stream that a study's control stimuli are made with."""
    return np.random.Generator(np.random.PCG64([seed, 1]))
