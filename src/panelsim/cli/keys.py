"""The commands `keys ...`: who may use the service."""

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from panelsim.cli import options
from panelsim.cli.edge import guarded

if TYPE_CHECKING:
    from panelsim.settings import Settings

Store: TypeAlias = Annotated[
    str,
    typer.Option("--database", help="The store of the service; PANELSIM_STORE if not given.", metavar="URL"),
]

app = typer.Typer(no_args_is_help=True, help="Keys of the HTTP service.")


@app.command("create")
@guarded
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who or what will use the key.")],
    *,
    scopes: Annotated[
        str,
        typer.Option(help="`runs:read`, `runs:write`, `admin`; separated by commas.", metavar="LIST"),
    ] = "runs:read,runs:write",
    like: Annotated[
        str,
        typer.Option(
            help="The id of a key whose runs and profiles the new one shall reach too, as when one is "
            "replaced; a key reaches only its own otherwise.",
            metavar="KEY",
        ),
    ] = "",
    rpm: Annotated[int, typer.Option(min=1, max=1_000_000, help="Requests a minute.")] = 600,
    cap_usd: Annotated[
        float | None,
        typer.Option(
            min=0, help="US dollars that runs may cost in a calendar month (UTC); no cap if not given."
        ),
    ] = None,
    database: Store = "",
    as_json: options.AsJson = False,
) -> None:
    """Make a key. Its secret is shown once and is not kept: store it where the caller finds it."""
    from panelsim.cli import output
    from panelsim.service.api_keys import account_of, create_key
    from panelsim.service.workspace import open_workspace
    from panelsim.store.records import PICO

    wanted = [one.strip() for one in scopes.split(",") if one.strip()]
    cap = None if cap_usd is None else round(cap_usd * PICO)
    with open_workspace(_settings(database)) as workspace:
        store = workspace.store
        account = account_of(store, like) if like else ""
        key, secret = create_key(store, name, scopes=wanted, account=account, rpm=rpm, cap=cap)
    if as_json:
        output.print_json({**key.model_dump(mode="json"), "secret": secret})
        return
    output.err().print(f"Key {key.id} for {key.name!r}. Its secret is shown this once:", markup=False)
    typer.echo(secret)


@app.command("list")
@guarded
def list_keys(*, database: Store = "", as_json: options.AsJson = False) -> None:
    """Show all keys, those that were revoked too."""
    from panelsim.cli import output
    from panelsim.service.workspace import open_workspace
    from panelsim.store.records import PICO

    with open_workspace(_settings(database)) as workspace:
        keys = workspace.store.api_keys()
    if as_json:
        output.print_json([key.model_dump(mode="json") for key in keys])
        return
    output.print_table(
        ("Key", "Name", "Begins with", "Scopes", "A minute", "Cap a month", "Account", "Made", "State"),
        (
            (
                key.id,
                key.name,
                key.prefix,
                " ".join(key.scopes),
                str(key.rpm),
                "none" if key.cap is None else output.dollars(key.cap / PICO),
                key.account,
                f"{key.created_at:%Y-%m-%d}",
                "alive" if key.revoked_at is None else f"revoked {key.revoked_at:%Y-%m-%d}",
            )
            for key in keys
        ),
    )


@app.command("revoke")
@guarded
def revoke(
    key: Annotated[str, typer.Argument(metavar="KEY", help="The key's id: `key_...`.")],
    *,
    database: Store = "",
) -> None:
    """End a key. The service refuses it within five seconds; its runs stay."""
    from panelsim.cli import output
    from panelsim.service.api_keys import revoke_key
    from panelsim.service.workspace import open_workspace

    with open_workspace(_settings(database)) as workspace:
        revoke_key(workspace.store, key)
    output.err().print(f"Key {key} is revoked.", markup=False)


def _settings(database: str) -> "Settings":
    from panelsim.settings import read_settings

    return read_settings().model_copy(update={"store": database} if database else {})
