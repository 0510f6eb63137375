"""Showing the moments of a drawn panel beside those asked for."""

from collections.abc import Sequence

import typer
from pydantic import JsonValue

from panelsim.cli import output
from panelsim.files import read_panel_spec
from panelsim.planning.draw import draw_panel
from panelsim.planning.moments import TOLERANCE, Correlation, Moment, Moments, moments_of


def show_moments(name: str, n: int, seed: int, *, as_json: bool) -> None:
    """Draws `n` respondents of the panel and shows what came out beside what was asked for."""
    sources = read_panel_spec(name)
    found = moments_of(sources, draw_panel(sources, n, seed))
    if as_json:
        output.print_json(_as_json(found))
        return
    typer.echo(f"{found.n:,} respondents of {found.panel}, seed {found.seed} (simulated, not people)\n")
    _show_traits(found)
    typer.echo()
    output.print_table(
        ("Persona", "Weight", "Due", "Quota", "Drawn", "In market", "of it"),
        [
            (
                one.persona,
                f"{one.weight:g}",
                f"{one.due:.1f}",
                one.quota or "none",
                f"{one.n:,}",
                f"{one.target_in_market:.1%}",
                "none" if one.in_market is None else f"{one.in_market:.1%}",
            )
            for one in found.personas
        ],
    )


def _show_traits(found: Moments) -> None:
    output.print_table(
        ("Trait", "Mean asked", "drawn", "SD asked", "drawn"),
        [*_rows(found.domains), *_rows(found.facets)],
    )
    typer.echo()
    output.print_table(("Decision", "Mean asked", "drawn", "SD asked", "drawn"), _rows(found.decision))
    typer.echo()
    typer.echo(f"Domain means are off by at most {found.mean_off:.4f} SD (tolerance {TOLERANCE:g}).")
    for what, pairs in (("domains", found.correlations), ("facets", found.facet_correlations)):
        if pairs:
            typer.echo(_furthest(what, pairs))
    if found.clipped:
        typer.echo(f"{found.clipped:,} domain levels were cut off at 4 SD.")


def _rows(moments: Sequence[Moment]) -> list[tuple[str, str, str, str, str]]:
    return [
        (
            one.name.replace("_", " "),
            f"{one.target_mean:+.3f}",
            f"{one.mean:+.3f}",
            f"{one.target_sd:.3f}",
            f"{one.sd:.3f}",
        )
        for one in moments
    ]


def _furthest(what: str, pairs: Sequence[Correlation]) -> str:
    worst = max(pairs, key=lambda pair: abs(pair.drawn - pair.target))
    return (
        f"Of {len(pairs)} correlations of {what} around their personas the furthest off is "
        f"{worst.one.replace('_', ' ')} with {worst.other.replace('_', ' ')}: {worst.target:+.3f} asked, "
        f"{worst.drawn:+.3f} drawn, {abs(worst.drawn - worst.target):.4f} apart (tolerance {TOLERANCE:g})."
    )


def _as_json(found: Moments) -> dict[str, JsonValue]:
    return {
        **found.model_dump(mode="json"),
        "mean_off": round(found.mean_off, 4),
        "correlation_off": round(found.correlation_off, 4),
        "facet_correlation_off": round(found.facet_correlation_off, 4),
        "tolerance": TOLERANCE,
        "simulated": True,
    }
