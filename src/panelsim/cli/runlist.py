"""The runs in the store: found by id, listed."""

from pydantic import JsonValue

from panelsim.cli import output
from panelsim.errors import InputError
from panelsim.service.control import shown_state
from panelsim.service.workspace import Workspace, open_workspace
from panelsim.store.records import Run

LAST = "last"


def find_run(name: str, workspace: Workspace) -> Run:
    """The run of that id, or the newest for `last`. Raises `InputError`."""
    if name != LAST:
        return workspace.store.run(name)
    runs = workspace.store.runs()
    if not runs:
        raise InputError(
            f"the store {workspace.store.place} has no run yet; start with: panelsim test --help"
        )
    return runs[0]


def show_runs(*, as_json: bool) -> None:
    """All runs, newest first."""
    with open_workspace() as workspace:
        store = workspace.store
        rows = [(run, shown_state(run, store), store.failures(run.id)) for run in store.runs()]
    if as_json:
        output.print_json(
            [{**facts_of(run), "state": state, "sessions_failed": len(failed)} for run, state, failed in rows]
        )
        return
    if not rows:
        output.err().print("No run yet. Start with: panelsim test --help", markup=False)
        return
    output.print_table(
        ("Run", "When (UTC)", "Study", "Model", "State", "Failed"),
        (
            (
                run.id,
                f"{run.created_at:%Y-%m-%d %H:%M}",
                run.study.id,
                str(run.asking.model),
                state,
                str(len(failed)),
            )
            for run, state, failed in rows
        ),
    )


def facts_of(run: Run) -> dict[str, JsonValue]:
    """What a run is, flat."""
    return {
        "run_id": run.id,
        "created_at": run.created_at.isoformat(),
        "study": run.study.id,
        "kind": run.study.kind,
        "model": str(run.asking.model),
        "state": run.state,
    }
