"""Rules of a panel: how many ICPs and personas, and an opposite for each ICP."""

from collections.abc import Iterator

from panelsim.model.sources import PanelSources
from panelsim.planning.findings import Finding, errors_first, overdue
from panelsim.planning.lint import mapping_findings
from panelsim.planning.lint_icps import MOST_ICPS, MOST_PERSONAS


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
        *overdue(spec.id, spec.review_due, today),
    ]
    return errors_first(iter(findings))


def _counts(sources: PanelSources) -> Iterator[Finding]:
    name = sources.spec.id
    if len(sources.icps) > MOST_ICPS:
        what = f"{len(sources.icps)} ICPs, more than {MOST_ICPS}"
        yield Finding(
            level="warning",
            where=f"{name}: icps",
            what=what,
            why="who sells to everybody has no ideal customer; each profile needs its own messages",
            fix="keep the ones that buy and stay",
        )
    if len(sources.personas) > MOST_PERSONAS:
        what = f"{len(sources.personas)} personas, more than {MOST_PERSONAS}"
        yield Finding(
            level="warning",
            where=f"{name}: personas",
            what=what,
            why="nobody writes for eight readers; those that decide alike need one message",
            fix="merge those that decide alike",
        )


def _opposites(sources: PanelSources) -> Iterator[Finding]:
    """An anti-ICP for each ICP: without one, a message for everybody looks like a message for this buyer."""
    lacking = len(sources.icps) - len(sources.anti_icps)
    if lacking > 0:
        yield Finding(
            level="warning",
            where=f"{sources.spec.id}: anti_icps",
            what=f"{len(sources.anti_icps)} for {len(sources.icps)} ICPs",
            why="without an opposite, a message for everybody looks like one for this buyer",
            fix="name companies you do not sell to, one kind for each ICP in the same order",
        )
