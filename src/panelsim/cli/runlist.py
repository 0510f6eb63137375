"""The runs in the store: found by id, listed."""

from pydantic import JsonValue

from panelsim.cli import output
from panelsim.errors import InputError
from panelsim.service.control import shown_state
from panelsim.service.workspace import Workspace, open_workspace
from panelsim.store import Run, RunHead

LAST = "last"


def find_run(name: str, workspace: Workspace) -> Run:
    """The run of that id, or the newest for `last`. Raises `InputError`."""
    return workspace.store.run(find_head(name, workspace).id)


def find_head(name: str, workspace: Workspace) -> RunHead:
    """The head of the run of that id, or of the newest for `last`. Raises `InputError`."""
    if name != LAST:
        return workspace.store.head(name)
    heads = workspace.store.heads()
    if not heads:
        raise InputError(
            f"the store {workspace.store.place} has no run yet; start with: panelsim test --help"
        )
    return heads[0]


def show_runs(*, as_json: bool) -> None:
    """All runs, newest first."""
    with open_workspace() as workspace:
        store = workspace.store
        rows = [(head, shown_state(head, store), store.failures(head.id)) for head in store.heads()]
    if as_json:
        output.print_json(
            [
                {**facts_of(head), "state": state, "sessions_failed": len(failed)}
                for head, state, failed in rows
            ]
        )
        return
    if not rows:
        output.err().print("No run yet. Start with: panelsim test --help", markup=False)
        return
    output.print_table(
        ("Run", "When (UTC)", "Study", "Model", "State", "Failed"),
        (
            (
                head.id,
                f"{head.created_at:%Y-%m-%d %H:%M}",
                head.study,
                head.model,
                state,
                str(len(failed)),
            )
            for head, state, failed in rows
        ),
    )


def facts_of(head: RunHead) -> dict[str, JsonValue]:
    """What a run is, flat."""
    return {
        "run_id": head.id,
        "created_at": head.created_at.isoformat(),
        "study": head.study,
        "kind": head.kind,
        "model": head.model,
        "state": head.state,
    }
