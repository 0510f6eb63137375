"""Pages for people and agents: the reference of the API, and what an agent should know. They need no key."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse

from panelsim.api.reference import Reference, render_llms, render_reference

router = APIRouter(include_in_schema=False)

CACHED = "public, max-age=300"


@router.get("/docs")
def get_reference(request: Request) -> HTMLResponse:
    """The reference, made from the document at the first request."""
    state = request.app.state
    reference: Reference | None = getattr(state, "reference", None)
    if reference is None:
        reference = state.reference = render_reference(request.app.openapi())
    headers = {"Content-Security-Policy": reference.policy, "Cache-Control": CACHED}
    return HTMLResponse(reference.html, headers=headers)


@router.get("/llms.txt")
def get_llms(request: Request) -> PlainTextResponse:
    """What an agent should know, as text."""
    state = request.app.state
    text: str | None = getattr(state, "llms", None)
    if text is None:
        text = state.llms = render_llms(request.app.openapi())
    return PlainTextResponse(text, headers={"Cache-Control": CACHED})
