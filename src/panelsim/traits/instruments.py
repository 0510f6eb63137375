"""The shipped inventories, read from their files: items with key, facet, half and norms."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
import yaml
from pydantic import Field, ValidationError

from panelsim.errors import InputError
from panelsim.keys import content_key
from panelsim.model.base import Frozen
from panelsim.model.inventory import Half, Instrument, InstrumentName, Item, Norm
from panelsim.model.panel import DOMAINS, FACETS_OF, Decision
from panelsim.traits.tables import DOMAIN_NORMS, PEOPLE

HEXACO_FILE = "traits/ipip_hexaco"
VIGNETTES_FILE = "instruments/decision_vignettes"
SHORT_SDS = {
    "honesty_humility": 0.683,
    "emotionality": 0.714,
    "extraversion": 0.822,
    "agreeableness": 0.706,
    "conscientiousness": 0.631,
    "openness": 0.550,
}
"""Standard deviations of people's means over the ten items of the short form, on answers of 1 to 5, from the
answers behind `tables`. The items were chosen because they go together, so they spread wider than any ten."""
_DOMAIN_OF = {facet: domain for domain in DOMAINS for facet in FACETS_OF[domain]}


class _Statement(Frozen):
    id: str
    facet: str
    key: Literal[1, -1]
    short: bool
    mean: float
    sd: float
    item_rest: float
    text: str
    first_person: str

    @property
    def item(self) -> Item:
        """The item, its norms brought from answers of 1 to 7 to 1 to 5: 1 + (x - 1) x 4/6."""
        return Item(
            id=self.id,
            scale=_DOMAIN_OF[self.facet],
            facet=self.facet,
            key=self.key,
            text=self.first_person,
            half="held_out" if self.short else "development",
            mean=round(1 + (self.mean - 1) * 4 / 6, 4),
            sd=round(self.sd * 4 / 6, 4),
        )


class _Situation(Frozen):
    id: str
    parameter: str
    key: Literal[1, -1]
    half: Half
    text: str

    @property
    def item(self) -> Item:
        return Item(id=self.id, scale=self.parameter, key=self.key, text=self.text, half=self.half)


class _Statements(Frozen):
    id: str
    version: Annotated[int, Field(ge=1)]
    items: tuple[_Statement, ...]


class _Situations(Frozen):
    id: str
    version: Annotated[int, Field(ge=1)]
    items: tuple[_Situation, ...]


def file_of(name: InstrumentName) -> str:
    """The prompt file that holds the items of the instrument."""
    return VIGNETTES_FILE if name == "decision-vignettes" else HEXACO_FILE


def parse_instrument(name: InstrumentName, text: str) -> Instrument:
    """The instrument in the YAML `text` of its file; InputError if it is not one."""
    try:
        value = yaml.safe_load(text)
        if name == "decision-vignettes":
            return _vignettes(_Situations.model_validate(value))
        return _hexaco(name, _Statements.model_validate(value))
    except (yaml.YAMLError, ValidationError, KeyError) as error:
        raise InputError(f"the items in {file_of(name)!r} cannot be used: {error}") from error


def _vignettes(file: _Situations) -> Instrument:
    return Instrument(
        name="decision-vignettes",
        kind="situation",
        scales=tuple(Decision.model_fields),
        items=tuple(row.item for row in file.items),
    )


def _hexaco(name: InstrumentName, file: _Statements) -> Instrument:
    is_short = name == "ipip-hexaco-60"
    items = tuple(row.item for row in file.items if row.short or not is_short)
    sds = SHORT_SDS if is_short else {domain: norm.sd_1to5 for domain, norm in DOMAIN_NORMS.items()}
    return Instrument(
        name=name,
        kind="statement",
        scales=DOMAINS,
        items=items,
        norms=tuple(
            _norm(domain, sds[domain], [item for item in items if item.scale == domain]) for domain in DOMAINS
        ),
        people=PEOPLE,
    )


def _norm(domain: str, sd: float, items: Sequence[Item]) -> Norm:
    variance = sum((item.sd or 0.0) ** 2 for item in items)
    return Norm(scale=domain, items=len(items), sd=sd, item_variance=round(variance, 4))


def choose_items(
    instrument: Instrument, *, half: Half | None = None, per_scale: int | None = None, seed: int = 0
) -> Instrument:
    """The instrument with the items of one half, and `per_scale` of each scale, half of each key.

    Items are drawn with the seed, from as many facets as there are. InputError if a scale has too few.
    """
    items = tuple(item for item in instrument.items if half is None or item.half == half)
    if per_scale is not None:
        items = tuple(
            item
            for scale in instrument.scales
            for key in (1, -1)
            for item in _drawn(
                [one for one in items if one.scale == scale and one.key == key],
                per_scale // 2,
                f"{instrument.name}: scale {scale!r}, items keyed {key:+d}",
                seed,
            )
        )
    if not items:
        raise InputError(f"instrument {instrument.name!r} has no item in its half {half!r}")
    return instrument.model_copy(update={"items": items})


def _drawn(items: Sequence[Item], n: int, where: str, seed: int) -> list[Item]:
    if len(items) < n:
        raise InputError(f"instrument {where}: found {len(items)}, expected {n} for per_scale {2 * n}")
    digest = content_key("items1", [seed, where]).partition(":")[2]
    rng = np.random.Generator(np.random.PCG64(int(digest[:32], 16)))
    shuffled = [items[at] for at in rng.permutation(len(items))]
    seen: Counter[str] = Counter()
    ranked: list[tuple[int, Item]] = []
    for item in shuffled:
        ranked.append((seen[item.facet], item))
        seen[item.facet] += 1
    return [item for _, item in sorted(ranked, key=lambda pair: pair[0])[:n]]
