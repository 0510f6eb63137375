"""Rules of a panel: how many ICPs and personas, and an opposite for each ICP."""

from collections.abc import Iterator

from panelsim.model.sources import PanelSources
from panelsim.planning.finding import Finding
from panelsim.planning.lint import MOST_ICPS, MOST_PERSONAS, mapping_findings, review_findings


def lint_panel(sources: PanelSources, *, today: str = "") -> tuple[Finding, ...]:
    """What to mend in a panel and the mappings of its personas, errors first; `today` as for `lint_icp`."""
    spec = sources.spec
    icps = sources.icps + sources.anti_icps
    findings = [
        *_counts(sources),
        *_opposites(sources),
        *(
            finding
            for persona in sources.personas + sources.anti_personas
            for finding in mapping_findings(persona, icps, only_known=True)
        ),
        *review_findings(spec.id, spec.review_due, today),
    ]
    return tuple(sorted(findings, key=lambda finding: finding.level))


def _counts(sources: PanelSources) -> Iterator[Finding]:
    name = sources.spec.id
    if len(sources.icps) > MOST_ICPS:
        what = f"{len(sources.icps)} ICPs, more than {MOST_ICPS}"
        yield Finding(
            level="warning", where=f"{name}: icps", what=what, fix="keep the ones that buy and stay"
        )
    if len(sources.personas) > MOST_PERSONAS:
        what = f"{len(sources.personas)} personas, more than {MOST_PERSONAS}"
        fix = "merge those that decide alike"
        yield Finding(level="warning", where=f"{name}: personas", what=what, fix=fix)


def _opposites(sources: PanelSources) -> Iterator[Finding]:
    """An anti-ICP for each ICP: without one, a message for everybody looks like a message for this buyer."""
    lacking = len(sources.icps) - len(sources.anti_icps)
    if lacking > 0:
        yield Finding(
            level="warning",
            where=f"{sources.spec.id}: anti_icps",
            what=f"{len(sources.anti_icps)} for {len(sources.icps)} ICPs",
            fix="name companies you do not sell to, one kind for each ICP in the same order",
        )
