"""Drafting a persona with a model, and approving one that a person has read."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import typer
from pydantic import JsonValue
from rich.console import Console

from panelsim.cli import output
from panelsim.cli.edge import Stopped
from panelsim.cli.findings import EXIT_FINDINGS
from panelsim.cli.progress import pull_progress
from panelsim.cli.studies import slug
from panelsim.errors import InputError
from panelsim.files import list_icps, read_icp, read_persona
from panelsim.files.approval import approved_text, persona_file
from panelsim.model.call import Call, ModelRef
from panelsim.planning.lint import Finding, lint_persona
from panelsim.providers.catalogue import entry_of
from panelsim.providers.model_files import local_model, pull
from panelsim.reporting.drafts import left_out
from panelsim.reporting.words import count
from panelsim.service.drafting import (
    Drafted,
    DraftOrder,
    check_free,
    check_model,
    draft_persona,
    request_of,
    resolve_model,
    write_draft,
)
from panelsim.service.output import write_text
from panelsim.service.workspace import observed, open_workspace
from panelsim.settings import Settings

FOLDER = Path("personas/buyers")


class DraftOptions(NamedTuple):
    """What was typed."""

    icp: str
    role: str
    notes: Path | None
    name: str
    model: str
    base_url: str
    seed: int
    max_cost_usd: float
    out: Path | None
    as_json: bool


def draft(options: DraftOptions) -> None:
    """Drafts a persona into a new file, and says what it rests on and what is weak."""
    console = output.err()
    name = options.name or slug(options.role)
    path = options.out or FOLDER / f"{name}.yaml"
    check_free(path)
    request = request_of(options.icp, options.role, name, options.notes)
    with open_workspace() as opened, observed(opened) as workspace:
        ref = check_model(options.model, options.base_url, workspace.settings)
        _pull(ref, workspace.settings, console)
        model = resolve_model(ref, workspace.settings)
        order = DraftOrder(request, model, options.seed, options.max_cost_usd)
        notes = count(len(request.notes), "note")
        console.print(f"Drafting {name} with {model}, ICP {request.icp.id}, {notes}.", markup=False)
        with console.status("Asking") as status:

            def answered(call: Call) -> None:
                status.update(f"Asked {call.purpose.removeprefix('draft/')}")

            try:
                drafted = draft_persona(order, workspace, answered)
            except KeyboardInterrupt:
                raise Stopped(
                    "Interrupted: what was answered is kept, and the same command goes on from there."
                ) from None
        write_draft(drafted, path)
    _tell(drafted, path, _findings(path), as_json=options.as_json)


def _pull(ref: ModelRef, settings: Settings, console: Console) -> None:
    """Fetches an embedded model of the catalogue that is not on this machine yet."""
    if ref.provider != "embedded":
        return
    try:
        local_model(ref.name, settings.cache_dir)
    except InputError:
        if ref.name.endswith(".gguf"):
            raise
        with pull_progress(console, entry_of(ref.name)) as progress:
            pull(ref.name, settings.cache_dir, progress)


def _findings(path: Path) -> tuple[Finding, ...]:
    """What lint says of a draft; a field that a persona cannot be without is a finding too."""
    try:
        persona = read_persona(str(path))
    except InputError as error:
        fix = "write what the model did not say"
        why = "the file is no persona without it"
        return (Finding(level="error", where=str(path), what=str(error), why=why, fix=fix),)
    return lint_persona(persona, [read_icp(name) for name in list_icps()], today=_today())


def _tell(drafted: Drafted, path: Path, findings: tuple[Finding, ...], *, as_json: bool) -> None:
    draft, facts = drafted.draft, drafted.facts
    told = left_out(draft)
    if as_json:
        fields: JsonValue = [
            {
                **field.model_dump(mode="json", exclude_defaults=True),
                "basis": field.basis,
            }
            for field in draft.fields
            if field.items
        ]
        levels: JsonValue = {field.name: field.level for field in draft.fields if field.level is not None}
        found: JsonValue = [finding.model_dump(mode="json") for finding in findings]
        output.print_json(
            {
                "simulated": True,
                "draft": facts.draft_id,
                "model": facts.model,
                "file": str(path),
                "fields": fields,
                "levels": levels,
                "left_out": [*told],
                "findings": found,
                "calls_made": drafted.made,
                "calls_known": drafted.known,
                "cost_usd": drafted.cost_usd,
            }
        )
        return
    inferred = [field.name for field in draft.fields if field.basis == "inferred"]
    typer.echo(f"{path}: a draft by {facts.model}; nobody has approved it.")
    typer.echo(f"Inferred from notes: {', '.join(inferred) or 'nothing'}. The rest is invented by the model.")
    for sentence in told:
        typer.echo(f"  {sentence}")
    for finding in findings:
        typer.echo(f"{finding.level}: {finding.where}: {finding.what}; {finding.fix}")
    cost = output.dollars(drafted.cost_usd)
    typer.echo(f"{drafted.made} calls made ({cost}), {drafted.known} known already. Draft {facts.draft_id}.")
    typer.echo(f"Read it, mend it, then: panelsim persona approve {path}")


def approve(name: str) -> None:
    """Sets a draft's status to active, unless lint finds an error in it. Exits with 1 then."""
    path = persona_file(name)
    text = approved_text(path, _today())
    findings = _findings(path)
    for finding in findings:
        typer.echo(f"{finding.level}: {finding.where}: {finding.what}; {finding.fix}")
    errors = sum(finding.level == "error" for finding in findings)
    if errors:
        typer.echo(f"Not approved: {count(errors, 'error')} to mend in {path}.")
        raise typer.Exit(EXIT_FINDINGS)
    write_text(path, text)
    typer.echo(f"{path}: active.")


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
