"""The page as a browser shows it: needs a Chromium on this machine, and is skipped without one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from panelsim.drawing import vega_lite_drawing
from panelsim.model.study import Stimulus
from panelsim.reporting.build import build_report
from tests import builders, committees, discussions
from tests.app.browser import CHROMIUM, Page, chromium
from tests.golden_reports import render

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium on this machine: install one to run these"
)

LONG = (
    Stimulus(id="long", text="Forecast " * 60),
    Stimulus(id="a-very-long-identifier-of-a-variant-without-any-space-01", text="W" * 300),
    Stimulus(id="arabic", text="اعرف أي الصفقات ستتأخر قبل اجتماع التوقعات القادم"),
)
CONTRAST = """
(() => {
  const luminance = c => {
    const [r, g, b] = c.match(/[\\d.]+/g).map(Number).map(v => v / 255)
      .map(v => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4);
    return .2126 * r + .7152 * g + .0722 * b;
  };
  const ground = e => {
    for (; e; e = e.parentElement) {
      const c = getComputedStyle(e).backgroundColor;
      if (c.startsWith("rgb(")) return c;
    }
    return "rgb(255, 255, 255)";
  };
  const poor = [];
  for (const e of document.querySelectorAll("main *, header *, footer *")) {
    const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!text || e.closest("svg") || !e.checkVisibility()) continue;
    const [a, b] = [luminance(getComputedStyle(e).color), luminance(ground(e))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < 4.5) poor.push(e.className + ": " + e.textContent.slice(0, 30));
  }
  return poor;
})()
"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with chromium(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = build_report(
        builders.message_test(LONG),
        builders.panel(),
        builders.plan(LONG),
        builders.transcripts(LONG),
        builders.analysis("lean", LONG),
        builders.facts(),
        builders.personas(),
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(report, "html", vega_lite_drawing(path.parent)), encoding="utf-8")
    return path


@pytest.mark.parametrize("width", [375, 390, 768, 1280])
def test_page_never_scrolls_sideways(page: Page, written: Path, width: int) -> None:
    page.open(written, width, "light")
    assert page.value(f"document.documentElement.scrollWidth <= {width}") is True


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_aa_asks_for(
    page: Page, written: Path, scheme: Literal["light", "dark"]
) -> None:
    page.open(written, 1280, scheme)
    assert page.value(CONTRAST) == []


def test_page_asks_for_nothing_but_itself_and_its_policy_blocks_nothing_of_it(
    page: Page, written: Path
) -> None:
    page.open(written, 1280, "light")
    assert page.requested() == [written.as_uri()]
    assert page.complaints() == []


def test_dark_pages_and_their_charts_are_dark(page: Page, written: Path) -> None:
    page.open(written, 1280, "dark")
    assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(21, 20, 19)"
    labels = "getComputedStyle(document.querySelector('.chart text[fill=\"#1d1b19\"]')).fill"
    if vega_lite_drawing(written.parent) is not None:
        assert page.value(labels) == "rgb(236, 232, 225)"


def test_paper_is_light_and_hides_the_navigation(page: Page, written: Path, tmp_path: Path) -> None:
    page.open(written, 1280, "dark", "print")
    assert page.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.value("getComputedStyle(document.querySelector('nav')).display") == "none"
    page.pdf(tmp_path / "report.pdf")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")


def test_page_has_landmarks_one_heading_and_scoped_table_headers(page: Page, written: Path) -> None:
    page.open(written, 1280, "light")
    assert page.value("document.querySelectorAll('h1').length") == 1
    assert (
        page.value("['header', 'main', 'nav', 'footer'].every(name => document.querySelector(name))") is True
    )
    assert (
        page.value("[...document.querySelectorAll('th')].every(cell => cell.hasAttribute('scope'))") is True
    )
    assert page.value("[...document.querySelectorAll('[role=img]')].every(one => one.ariaLabel)") is True


def test_every_link_inside_the_page_leads_somewhere(page: Page, written: Path) -> None:
    page.open(written, 1280, "light")
    leads = "a => document.querySelector(a.getAttribute('href'))"
    assert page.value(f"[...document.querySelectorAll('a')].every({leads})") is True


@pytest.fixture(scope="module")
def committee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("committee") / "report.html"
    path.write_text(render(committees.report(), "html"), encoding="utf-8")
    return path


def test_on_a_phone_a_table_with_labels_is_read_without_scrolling_it(page: Page, committee: Path) -> None:
    page.open(committee, 390, "light")
    assert page.value("document.querySelectorAll('table.stack').length") != 0
    wide = "[...document.querySelectorAll('.stack')].filter(t => t.scrollWidth > t.parentElement.clientWidth)"
    assert page.value(f"{wide}.length") == 0
    shown = "getComputedStyle(document.querySelector('.stack td[data-label]'), '::before').content"
    assert page.value(shown) == '"proposal"'


@pytest.mark.parametrize("width", [375, 390, 768, 1280])
def test_a_committees_page_never_scrolls_sideways(page: Page, committee: Path, width: int) -> None:
    page.open(committee, width, "light")
    assert page.value(f"document.documentElement.scrollWidth <= {width}") is True


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_committees_page_has_the_contrast_that_aa_asks_for(
    page: Page, committee: Path, scheme: Literal["light", "dark"]
) -> None:
    page.open(committee, 1280, scheme)
    assert page.value(CONTRAST) == []


def test_a_committees_veto_stands_before_champions_and_needs(page: Page, committee: Path) -> None:
    page.open(committee, 390, "light")
    places = "[...document.querySelectorAll('.hero h2')].map(one => one.textContent)"
    assert page.value(places) == [
        "Who would block",
        "Who would champion",
        "What whoever signs needs",
        "Do next",
        "Why this verdict",
    ]
    assert page.value("document.querySelectorAll('.vetoes .seat code').length") == 2


@pytest.mark.parametrize(("width", "scheme"), [(375, "dark"), (1280, "light")])
def test_a_discussions_page_fits_and_can_be_read(
    page: Page, tmp_path: Path, width: int, scheme: Literal["light", "dark"]
) -> None:
    path = tmp_path / "report.html"
    path.write_text(render(discussions.report(), "html"), encoding="utf-8")
    page.open(path, width, scheme)
    page.value("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert page.value(f"document.documentElement.scrollWidth <= {width}") is True
    assert page.value(CONTRAST) == []
    spoken = "[...document.querySelectorAll('.chat li')].every(one => one.querySelector('code'))"
    assert page.value(spoken) is True
    assert page.value("document.querySelectorAll('.chat li').length") == 5
