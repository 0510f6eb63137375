"""The command `openapi`: the description of the HTTP service, for other programs."""

from typing import Annotated, Literal

import typer

from panelsim.cli.edge import guarded


@guarded
def openapi(
    *,
    form: Annotated[
        Literal["openapi", "postman"],
        typer.Option(
            help="`openapi`: the OpenAPI document that the service has at /openapi.json; `postman`: a "
            "collection of every operation with an example, which Postman, Bruno and Insomnia read."
        ),
    ] = "openapi",
) -> None:
    """Print the description of the HTTP service as JSON. No server and no store is needed."""
    from panelsim.api.app import document
    from panelsim.api.collection import collection_of
    from panelsim.cli import output

    found = document()
    output.print_json(found if form == "openapi" else collection_of(found))
