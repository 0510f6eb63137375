"""Verbatims: the reactions quoted for and against each variant, in the respondents' own words."""

from collections.abc import Sequence
from typing import Literal

from panelsim.analysis.scene import Scene
from panelsim.model.analysis import Verbatim
from panelsim.model.response import Response, TextAnswer

REACTION = "reaction"
EACH_SIDE = 2


def verbatims_of(scene: Scene, responses: Sequence[Response]) -> tuple[Verbatim, ...]:
    """Up to two reactions for and two against each variant, unaltered.

    `for` come from the upper half of the ratings on the rule's measure, `against` from the lower half, so
    that a variant which most people like is still shown with what was said against it. The second of a side
    comes from another persona where that half has one.
    """
    return tuple(
        verbatim for variant in scene.variants for verbatim in _sides(_reactions(scene, responses, variant))
    )


def _reactions(scene: Scene, responses: Sequence[Response], variant: str) -> list[Verbatim]:
    rows = {one.id: row for row, one in enumerate(scene.target.respondents)}
    column = scene.target.ratings.get((variant, scene.measure))
    found: dict[str, Verbatim] = {}
    for one in responses:
        wanted = one.question == REACTION and one.shown == (variant,) and one.respondent in rows
        if not wanted or not isinstance(one.answer, TextAnswer) or one.respondent in found:
            continue
        row = rows[one.respondent]
        rated = column is not None and bool(column.present[row])
        found[one.respondent] = Verbatim(
            respondent=one.respondent,
            persona=scene.target.respondents[row].persona,
            stimulus=variant,
            question=REACTION,
            text=one.answer.text,
            rating=round(float(column.values[row]), 6) if column is not None and rated else None,
            call_key=one.call_keys[0] if one.call_keys else "",
        )
    return list(found.values())


def _sides(reactions: list[Verbatim]) -> list[Verbatim]:
    rated = [one for one in reactions if one.rating is not None]
    if not rated:
        return _pick(reactions, EACH_SIDE)
    ranked = sorted(rated, key=lambda one: -(one.rating or 0.0))
    half = (len(ranked) + 1) // 2
    above, below = _pick(ranked[:half], EACH_SIDE), _pick(ranked[half:][::-1], EACH_SIDE)
    return [_stand(one, "for") for one in above] + [_stand(one, "against") for one in below]


def _pick(ranked: list[Verbatim], count: int) -> list[Verbatim]:
    """The first of `ranked`, then the next ones of another persona while there are any."""
    picked: list[Verbatim] = []
    for _ in range(min(count, len(ranked))):
        left = [one for one in ranked if one not in picked]
        heard = {one.persona for one in picked}
        picked.append(next((one for one in left if one.persona not in heard), left[0]))
    return picked


def _stand(one: Verbatim, stance: Literal["for", "against"]) -> Verbatim:
    return one.model_copy(update={"stance": stance})
