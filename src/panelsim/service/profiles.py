"""Profiles as they are in files, and as they were in stored runs."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TypeAlias

from sqlalchemy import make_url

from panelsim.errors import InputError
from panelsim.files import read_icp, read_panel_spec, read_persona
from panelsim.files.faults import did_you_mean
from panelsim.files.profiles import is_path
from panelsim.model.fingerprint import content_hash, kind_of
from panelsim.model.icp import ICP
from panelsim.model.panel import PanelSpec
from panelsim.model.persona import Persona
from panelsim.model.sources import PanelSources
from panelsim.planning.findings import Finding
from panelsim.settings import Settings
from panelsim.store import Run, Store

Kind: TypeAlias = Literal["icp", "persona", "panel"]
Stored: TypeAlias = ICP | Persona | PanelSpec

LAST = "last"
MOST_RUNS = 50
"""Stored runs that are searched for a profile, the newest ones: their panels are read."""


def read_profile(kind: Kind, reference: str, settings: Settings) -> Stored:
    """The profile that NAME, FILE or NAME@RUN means; RUN is a run's id or `last`.

    Raises `InputError` if there is none, or that run was not made with it.
    """
    name, at, run_id = reference.rpartition("@")
    if not at or is_path(reference):
        return _read_file(kind, reference)
    with store_if_any(settings) as store:
        if store is None:
            raise InputError(f"{reference!r}: there is no store yet, so no run; expected a name or a file")
        return _of_run(_run(run_id, store), kind, name)


def profiles_of(sources: PanelSources) -> tuple[Stored, ...]:
    """Every profile that a panel is drawn from, the panel first."""
    icps, personas = sources.icps + sources.anti_icps, sources.personas + sources.anti_personas
    return (sources.spec, *icps, *personas)


def unversioned_changes(profiles: Sequence[Stored], settings: Settings) -> tuple[Finding, ...]:
    """A warning for each profile whose content differs from its last stored run's while its version does not.

    Looks at the newest 50 runs. A store that is not there yet is not made.
    """
    wanted = {(kind_of(one), one.id): one for one in profiles}
    findings = []
    with store_if_any(settings) as store:
        for run, before in _last_of(store, set(wanted)) if store is not None else ():
            now = wanted[kind_of(before), before.id]
            if before.version == now.version and content_hash(before) != content_hash(now):
                findings.append(
                    Finding(
                        level="warning",
                        where=f"{now.id}: version",
                        what=f"the content changed since run {run.id}, the version is still {now.version}",
                        why="two runs would name one version and mean two buyers",
                        fix=f"raise the version; `panelsim {kind_of(now)} diff {now.id}@{run.id} {now.id}` "
                        "shows what changed",
                    )
                )
    return tuple(findings)


@contextmanager
def store_if_any(settings: Settings) -> Iterator[Store | None]:
    """The store, or None if it is a file that is not there yet."""
    url = settings.store_url
    database = make_url(url).database
    if url.startswith("sqlite") and (not database or not Path(database).is_file()):
        yield None
        return
    with Store.open(url) as store:
        yield store


def newest_runs(store: Store) -> Iterator[Run]:
    """The newest runs, one read at a time."""
    for head in store.heads()[:MOST_RUNS]:
        yield store.run(head.id)


def _last_of(store: Store, wanted: set[tuple[str, str]]) -> Iterator[tuple[Run, Stored]]:
    """Each wanted profile as it was in the newest run that was made with it."""
    for run in newest_runs(store):
        if not wanted:
            return
        for profile in profiles_of(run.sources):
            key = (kind_of(profile), profile.id)
            if key in wanted and not _is_made_up(profile, run):
                wanted.discard(key)
                yield run, profile


def _is_made_up(profile: Stored, run: Run) -> bool:
    """Whether it is the panel that stands for one persona alone, which no file holds."""
    return isinstance(profile, PanelSpec) and run.study.panel.startswith("persona:")


def _read_file(kind: Kind, reference: str) -> Stored:
    match kind:
        case "icp":
            return read_icp(reference)
        case "persona":
            return read_persona(reference)
        case "panel":
            return read_panel_spec(reference).spec


def _run(run_id: str, store: Store) -> Run:
    if run_id != LAST:
        return store.run(run_id)
    heads = store.heads()
    if not heads:
        raise InputError(f"the store {store.place} has no run yet, so no earlier profile")
    return store.run(heads[0].id)


def _of_run(run: Run, kind: Kind, name: str) -> Stored:
    found = {one.id: one for one in profiles_of(run.sources) if kind_of(one) == kind}
    if name not in found:
        raise InputError(
            f"run {run.id!r} was made without a {kind} {name!r}, expected one of "
            f"{', '.join(found)}{did_you_mean(name, found)}"
        )
    return found[name]
