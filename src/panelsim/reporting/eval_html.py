"""Evaluations as one self-contained page, in the dress of every report."""

from panelsim.model.benchmark import EvalReport, Figure, Scorecard
from panelsim.reporting import eval_text, figures
from panelsim.reporting.html import ENVIRONMENT


def render_eval_html(report: EvalReport) -> str:
    """The page as text. It loads nothing from elsewhere."""
    return ENVIRONMENT.get_template("evals.html").render(
        report=report,
        said=eval_text,
        figures=figures,
        figure_of=_figure_of,
        bar=bar,
    )


def _figure_of(card: Scorecard, name: str) -> Figure | None:
    return next((figure for figure in card.figures if figure.name == name), None)


def bar(figure: Figure) -> tuple[float, float, float, float | None] | None:
    """Low, value, high and ceiling on an axis of 0 to 100; None for a figure that has no place there.

    A ceiling beyond the axis is left out of the drawing; it stands in words beside it.
    """
    if figure.value is None or figure.low is None or figure.high is None:
        return None
    start, width = (-1.0, 2.0) if figure.form == "signed" else (0.0, 1.0)
    places = [figure.low, figure.value, figure.high]
    if min(places) < start - 1e-9 or max(places) > start + width + 1e-9:
        return None
    low, value, high = (round(100 * (place - start) / width, 2) for place in places)
    top = None if figure.ceiling is None else round(100 * (figure.ceiling.value - start) / width, 2)
    return low, value, high, top if top is not None and 0 <= top <= 100 else None
