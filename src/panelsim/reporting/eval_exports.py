"""Evaluations for machines: JSON, and JUnit XML in which every gate is a test case."""

import json
import re
from xml.etree.ElementTree import Element, SubElement, tostring

from panelsim.model.benchmark import Comparison, EvalReport, GateResult, Scorecard
from panelsim.reporting.eval_text import gates_of, shifted, standing, state_of, summary
from panelsim.reporting.figures import bound_of
from panelsim.reporting.words import plain

NO_TIME = "0"
"""Many readers of JUnit want a time. What takes one is the asking, which is no test case."""
_NOT_XML = re.compile("[\ufffe\uffff]")


def render_eval_json(report: EvalReport) -> str:
    """The whole report as indented JSON."""
    text = json.dumps(
        report.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1, allow_nan=False
    )
    return text.encode("utf-8", "replace").decode() + "\n"


def render_eval_junit(report: EvalReport) -> str:
    """JUnit XML: a suite for each benchmark; amber and red gates fail, one not computed is an error.

    A comparison is a suite of its figures, in which nothing fails: it says what moved, and judges nothing.
    """
    suites = Element("testsuites", name="panelsim eval", time=NO_TIME)
    names = [card.benchmark for card in report.scorecards]
    for card in report.scorecards:
        is_alone = names.count(card.benchmark) == 1
        _suite(suites, card, card.benchmark if is_alone else f"{card.benchmark} {card.facts.model}")
    for comparison in report.comparisons:
        _comparison(suites, comparison)
    for name in ("tests", "failures", "errors"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _suite(suites: Element, card: Scorecard, name: str) -> None:
    states = [gate.state for gate in card.gates]
    suite = SubElement(
        suites,
        "testsuite",
        name=_text(name),
        tests=str(len(states)),
        failures=str(sum(state in ("amber", "red") for state in states)),
        errors=str(states.count("not_computed")),
        skipped="0",
        timestamp=card.facts.created_at[:19],
        time=NO_TIME,
    )
    for gate in card.gates:
        _case(suite, card, gate, name)
    SubElement(suite, "system-out").text = _text(f"{card.facts.model}: {standing(card)}")


def _case(suite: Element, card: Scorecard, result: GateResult, of: str) -> None:
    figure = result.gate.figure
    is_alone = sum(one.gate.figure == figure for one in card.gates) == 1
    name = figure if is_alone else f"{figure}: {bound_of(result.gate)}"
    case = SubElement(suite, "testcase", classname=_text(f"panelsim.{of}"), name=name, time=NO_TIME)
    if result.state in ("amber", "red"):
        SubElement(case, "failure", type=result.state, message=_text(result.found)).text = _text(
            result.gate.why
        )
    elif result.state == "not_computed":
        SubElement(case, "error", type="not_computed", message=_text(result.found))
    else:
        SubElement(case, "system-out").text = _text(result.found)


def _comparison(suites: Element, one: Comparison) -> None:
    name = f"compare {one.benchmark}: {one.before.run_id} to {one.after.run_id}"
    suite = SubElement(
        suites, "testsuite", name=name, tests=str(len(one.shifts)), failures="0", errors="0", skipped="0",
        timestamp=one.after.created_at[:19], time=NO_TIME,
    )  # fmt: skip
    if one.changes:
        changes = SubElement(suite, "properties")
        for change in one.changes:
            values = f"{change.before} → {change.after}"
            SubElement(changes, "property", name=_text(f"{change.kind} {change.name}"), value=_text(values))
    for shift in one.shifts:
        case = SubElement(
            suite, "testcase", classname=f"panelsim.compare.{one.benchmark}", name=shift.figure, time=NO_TIME
        )
        told = (shifted(shift), state_of(shift), gates_of(shift))
        SubElement(case, "system-out").text = _text("; ".join(filter(None, told)))
    SubElement(suite, "system-out").text = _text(summary(one))


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", plain(text))
