"""Evaluations for machines: JSON, and JUnit XML in which every gate is a test case."""

import json
import re
from xml.etree.ElementTree import Element, SubElement, tostring

from panelsim.model.benchmark import EvalReport, GateResult, Scorecard
from panelsim.reporting.eval_text import standing
from panelsim.reporting.words import plain

_NOT_XML = re.compile("[\ufffe\uffff]")


def render_eval_json(report: EvalReport) -> str:
    """The whole report as indented JSON."""
    text = json.dumps(
        report.model_dump(mode="json", by_alias=True), ensure_ascii=False, indent=1, allow_nan=False
    )
    return text.encode("utf-8", "replace").decode() + "\n"


def render_eval_junit(report: EvalReport) -> str:
    """JUnit XML: a suite for each benchmark; amber and red gates fail, one not computed is an error."""
    suites = Element("testsuites", name="panelsim eval")
    for card in report.scorecards:
        _suite(suites, card)
    for name in ("tests", "failures", "errors"):
        suites.set(name, str(sum(int(suite.get(name, "0")) for suite in suites)))
    return '<?xml version="1.0" encoding="utf-8"?>\n' + tostring(suites, encoding="unicode") + "\n"


def _suite(suites: Element, card: Scorecard) -> None:
    states = [gate.state for gate in card.gates]
    suite = SubElement(
        suites,
        "testsuite",
        name=card.benchmark,
        tests=str(len(states)),
        failures=str(sum(state in ("amber", "red") for state in states)),
        errors=str(states.count("not_computed")),
        skipped="0",
        timestamp=card.facts.created_at[:19],
    )
    for gate in card.gates:
        _case(suite, card, gate)
    SubElement(suite, "system-out").text = _text(f"{card.facts.model}: {standing(card)}")


def _case(suite: Element, card: Scorecard, result: GateResult) -> None:
    case = SubElement(suite, "testcase", classname=f"panelsim.{card.benchmark}", name=result.gate.figure)
    if result.state in ("amber", "red"):
        SubElement(case, "failure", type=result.state, message=_text(result.found)).text = _text(
            result.gate.why
        )
    elif result.state == "not_computed":
        SubElement(case, "error", type="not_computed", message=_text(result.found))
    else:
        SubElement(case, "system-out").text = _text(result.found)


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", plain(text))
