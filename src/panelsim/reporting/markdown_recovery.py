"""The tables of an inventory in the Markdown export."""

from collections.abc import Iterator

from panelsim.model.recovery import Dose, DoseResponse, Readback, Recovery, ScaleScores
from panelsim.reporting import inventory_words, words
from panelsim.reporting.markdown_tables import Lines, escaped, table


def readback_lines(section: Readback) -> Lines:
    """The result in one sentence, then the facts behind it."""
    rows = [[escaped(label), escaped(text)] for label, text in inventory_words.readback(section)]
    return ["", f"**{escaped(section.sentence)}**", "", *table(["", ""], rows, 2)]


def recovery_tables(section: Recovery) -> Lines:
    """One row for each assigned level, then every measured scale against it."""
    header = ["Assigned", "Slope", "Interval", "Rho", "Right side", "Largest other slope", "n", "Missing"]
    lines = [
        *inventory_words.recovery_lede(section),
        "",
        *table(header, [_row(dose) for dose in section.doses]),
    ]
    if any(dose.points for dose in section.doses):
        lines += ["", "Mean measured score by assigned level:", "", *_curves(section)]
    lines += ["", "Slope and rho of every measured scale (columns) on every assigned level (rows):", ""]
    columns = ["Assigned", *(inventory_words.named(scale) for scale in section.measured)]
    return [*lines, *table(columns, [[_name(dose), *_matrix_row(dose)] for dose in section.doses])]


def _name(dose: Dose) -> str:
    return inventory_words.named(dose.assigned)


def _row(dose: Dose) -> list[str]:
    slope = dose.slope
    figures = (
        ["–", "–"]
        if slope is None
        else [f"**{words.signed(slope.value)}**", inventory_words.slope_interval(slope)]
    )
    side = "–" if dose.right_side is None else words.percent(dose.right_side)
    leak = inventory_words.signed_figure(dose.leak_slope)
    return [
        _name(dose),
        *figures,
        inventory_words.signed_figure(dose.rho),
        side,
        leak,
        str(dose.n),
        str(dose.missing),
    ]


def _matrix_row(dose: Dose) -> Iterator[str]:
    for one in dose.responses:
        text = _cell(one)
        yield f"**{text}**" if one.measured == dose.assigned else text


def _cell(one: DoseResponse) -> str:
    slope = "–" if one.slope is None else words.signed(one.slope.value)
    return f"{slope} ({inventory_words.signed_figure(one.rho)})"


def _curves(section: Recovery) -> Lines:
    levels = sorted({point.level for dose in section.doses for point in dose.points})
    rows = []
    for dose in section.doses:
        scores = {point.level: inventory_words.score(point.score, section.unit) for point in dose.points}
        rows.append([_name(dose), *(scores.get(level, "–") for level in levels)])
    return table(["Assigned", *(words.fixed(level, 2).removesuffix(".00") for level in levels)], rows)


def scale_tables(section: ScaleScores) -> Lines:
    """One row for each scale, then the facets."""
    header = ["Scale", "Items", "Mean score", "Interval", "SD", "Mean answer", "Alpha", "Scored", "Missing"]
    rows = [
        [
            inventory_words.named(one.scale),
            str(one.items),
            "–" if one.score is None else f"**{inventory_words.score(one.score.value, section.unit)}**",
            "–" if one.score is None else inventory_words.score_interval(one.score, section.unit),
            inventory_words.figure(one.sd),
            inventory_words.figure(one.raw),
            inventory_words.figure(one.alpha),
            str(one.scored),
            f"{one.missing} of {one.asked}",
        ]
        for one in section.scales
    ]
    lines = [inventory_words.scores_lede(section), "", *table(header, rows)]
    if section.facets:
        facets = [
            [
                inventory_words.named(one.facet),
                inventory_words.named(one.scale),
                str(one.items),
                inventory_words.figure(one.raw),
                inventory_words.figure(one.alpha),
            ]
            for one in section.facets
        ]
        lines += ["", "<details><summary>Facets</summary>", ""]
        lines += table(["Facet", "Domain", "Items", "Mean answer", "Alpha"], facets, 2)
        lines += ["", "</details>"]
    return lines
