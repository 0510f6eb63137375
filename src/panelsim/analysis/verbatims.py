"""Verbatims: the reactions quoted for and against each variant, in the respondents' own words."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import Literal, NamedTuple, TypeAlias

from panelsim.analysis.reactions import EACH_SIDE, Reactions, Words, find_words
from panelsim.analysis.scene import Scene
from panelsim.model.analysis import Verbatim
from panelsim.model.plan import REACTION, Transcript

Stance: TypeAlias = Literal["for", "against", "unrated"]


class Pick(NamedTuple):
    """A reaction to be quoted."""

    variant: str
    row: int
    rating: float | None
    stance: Stance


def verbatims_of(
    scene: Scene, reactions: Reactions, transcripts: Iterable[Transcript]
) -> tuple[Verbatim, ...]:
    """Up to two reactions for and two against each variant, unaltered.

    `for` come from the upper half of the ratings on the rule's measure, `against` from the lower half, so
    that a variant which most people like is still shown with what was said against it. The second of a side
    comes from another persona where that half has one. `transcripts` are read again only if the words of a
    pick were let go, which takes replicates that move a respondent's rating.
    """
    picks = [pick for name in scene.variants for pick in _picks(scene, reactions, name)]
    kept = {name: variant.kept() for name, variant in reactions.variants.items()}
    people = scene.target.respondents
    let_go = {(people[one.row].id, one.variant) for one in picks if one.row not in kept[one.variant]}
    again = find_words(let_go, transcripts) if let_go else {}
    return tuple(
        _verbatim(scene, pick, kept[pick.variant].get(pick.row) or again[people[pick.row].id, pick.variant])
        for pick in picks
    )


def _picks(scene: Scene, reactions: Reactions, variant: str) -> Iterator[Pick]:
    personas = scene.target.personas
    rows = reactions.variants[variant].rows.tolist()
    column = scene.target.ratings.get((variant, scene.measure))
    ratings: dict[int, float] = {}
    if column is not None:
        ratings = {row: round(float(column.values[row]), 6) for row in rows if column.present[row]}
    if not ratings:
        yield from (Pick(variant, row, None, "unrated") for row in _pick(rows, personas))
        return
    ranked = sorted(ratings, key=lambda row: -ratings[row])
    half = (len(ranked) + 1) // 2
    sides: tuple[tuple[Stance, list[int]], ...] = (("for", ranked[:half]), ("against", ranked[half:][::-1]))
    for stance, side in sides:
        yield from (Pick(variant, row, ratings[row], stance) for row in _pick(side, personas))


def _pick(ranked: Sequence[int], personas: Sequence[str]) -> list[int]:
    """The first of `ranked`, then the next ones of another persona while there are any."""
    picked: list[int] = []
    for _ in range(min(EACH_SIDE, len(ranked))):
        heard = {personas[row] for row in picked}
        fresh = (row for row in ranked if row not in picked and personas[row] not in heard)
        others = (row for row in ranked if row not in picked)
        picked.append(next(chain(fresh, others)))
    return picked


def _verbatim(scene: Scene, pick: Pick, words: Words) -> Verbatim:
    person = scene.target.respondents[pick.row]
    return Verbatim(
        respondent=person.id,
        persona=person.persona,
        stimulus=pick.variant,
        question=REACTION,
        text=words.text,
        rating=pick.rating,
        stance=pick.stance,
        call_key=words.call_key,
    )
