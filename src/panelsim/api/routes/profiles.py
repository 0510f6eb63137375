"""ICPs, personas and panels: listed, made, changed by new versions, deleted and linted."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from panelsim.api.bodies import document_in, profile_body
from panelsim.api.caller import Caller, Reader, Writer
from panelsim.api.context import Api, ApiDep
from panelsim.api.once import Answered, IdempotencyKey, once
from panelsim.api.paging import CursorText, Limit, Page, page_of, place_of
from panelsim.api.problems import COMMON, ApiError, Code, problems
from panelsim.api.profiles import (
    VIEWS,
    Findings,
    ProfileHead,
    VersionView,
    findings_view,
    head_view,
    profile_view,
    version_view,
)
from panelsim.files.document import Document
from panelsim.files.references import WORDS, Found, Kind
from panelsim.service.keeping import (
    Kept,
    Source,
    dependents,
    keep,
    look_up,
    of_stored,
    page,
    place_body,
)
from panelsim.service.library import AccountShelf
from panelsim.service.linting import lint_found

router = APIRouter()

ProfileId = Annotated[
    str, Path(alias="id", min_length=1, max_length=64, description="Of the profile.", examples=["b2b-saas"])
]
Version = Annotated[
    int | None, Query(ge=1, le=2**31 - 1, description="That version; the newest if not given.")
]
SourceFilter = Annotated[Source | None, Query(description="Only your own, or only shipped ones.")]
BODIES: tuple[Code, ...] = ("malformed_body", "body_too_large", "unsupported_media_type")
KEYS: tuple[Code, ...] = ("idempotency_key_reused", "idempotency_key_in_use")


class Noun(NamedTuple):
    """One kind of profile, and how its resource is called."""

    kind: Kind
    path: str
    word: str
    """In names of operations."""
    what: str
    schema: str
    example: dict[str, Any]


NOUNS: tuple[Noun, ...] = (
    Noun(
        "icp",
        "/v1/icps",
        "icp",
        "the companies you sell to; a micro-ICP names a `parent` and states only what differs",
        "ICP",
        {
            "id": "fleet-operators",
            "title": "Fleet operators in Germany",
            "firmographics": {
                "industries": ["Logistics"],
                "headcount": {"min": 50, "max": 500, "unit": "employees"},
                "countries": ["DE"],
            },
        },
    ),
    Noun(
        "persona",
        "/v1/personas",
        "persona",
        "a kind of buyer inside one or more ICPs",
        "Persona",
        {
            "id": "fleet-manager",
            "name": "Ines",
            "title": "Fleet manager",
            "icps": ["fleet-operators"],
            "committee_role": "champion",
            "authority": "recommends",
            "goals": ["fewer breakdowns on the road"],
        },
    ),
    Noun(
        "panel",
        "/v1/panels",
        "panel",
        "which personas in which ICPs are asked, by their ids",
        "PanelSpec",
        {"id": "fleet", "icps": ["fleet-operators"], "personas": ["fleet-manager"], "n": 12},
    ),
)
"""One line for each kind of profile."""


def shelf_of(api: Api, caller: Caller) -> AccountShelf:
    """The profiles that a caller's account may name."""
    return api.starter.shelf(caller.account)


def found_of(shelf: AccountShelf, kind: Kind, name: str, version: int | None = None) -> Kept:
    """A profile that the account knows. Raises 404 if there is none, also if it is another account's."""
    kept = look_up(shelf, kind, name, version)
    if kept is None:
        of = "" if version is None else f" of version {version}"
        raise ApiError("not_found", f"no {WORDS[kind]} {name!r}{of} is known to this key", param="path.id")
    return kept


def today() -> str:
    """The date in UTC as YYYY-MM-DD."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def _lint(kind: Kind, found: Found) -> Findings:
    return findings_view(lint_found(kind, found, today=today()))


def _add_reading(noun: Noun) -> None:
    kind, word = noun.kind, noun.word

    def list_profiles(
        api: ApiDep, caller: Reader, limit: Limit = 20, cursor: CursorText = "", source: SourceFilter = None
    ) -> Page[ProfileHead]:
        place = place_of(cursor, 1)
        found = page(shelf_of(api, caller), kind, limit + 1, "" if place is None else place[0], source)
        last = [one.id for one in found[:limit]][-1:]
        return page_of([head_view(one) for one in found], limit, last)

    def get_profile(api: ApiDep, caller: Reader, profile_id: ProfileId, version: Version = None) -> Response:
        kept = found_of(shelf_of(api, caller), kind, profile_id, version)
        return _told(kept, 200)

    def list_versions(
        api: ApiDep, caller: Reader, profile_id: ProfileId, limit: Limit = 20, cursor: CursorText = ""
    ) -> Page[VersionView]:
        shelf = shelf_of(api, caller)
        kept = found_of(shelf, kind, profile_id)
        if kept.source == "shipped":
            return page_of([version_view(kept)], limit, [])
        place = place_of(cursor, 1)
        before = None if place is None or not place[0].isdecimal() else int(place[0][:9])
        stored = shelf.store.versions(caller.account, kind, profile_id, limit + 1, before)
        views = [version_view(of_stored(shelf, one)) for one in stored]
        return page_of(views, limit, [str(one.version) for one in stored[:limit]][-1:])

    def lint_profile(api: ApiDep, caller: Reader, profile_id: ProfileId) -> Findings:
        shelf = shelf_of(api, caller)
        found_of(shelf, kind, profile_id)
        found = shelf.find(kind, profile_id)
        if found is None:
            raise ApiError("not_found", f"no {WORDS[kind]} {profile_id!r} is known to this key")
        return _lint(kind, found)

    async def lint_body(request: Request, api: ApiDep, caller: Reader) -> Findings:
        document = await document_in(request)
        shelf = shelf_of(api, caller)
        return await run_in_threadpool(lambda: _lint(kind, place_body(shelf, kind, document)))

    add = partial(_add, noun)
    add(list_profiles, "GET", "", f"list_{word}s", f"List {WORDS[kind]}s",
        f"Your own and the shipped ones, by id: {noun.what}.")  # fmt: skip
    add(get_profile, "GET", "/{id}", f"get_{word}", f"Look at {_a(kind)}",
        "As it is read, and as it was given.", refusals=("not_found",), model=VIEWS[kind])  # fmt: skip
    add(list_versions, "GET", "/{id}/versions", f"list_{word}_versions", f"List the versions of {_a(kind)}",
        "Newest first. After a deletion numbering starts anew.", refusals=("not_found",))  # fmt: skip
    add(lint_profile, "POST", "/{id}/lint", f"lint_{word}", f"Lint {_a(kind)}",
        "What is missing, vague, contradictory or overdue, why it matters and how to mend it.",
        refusals=("not_found",))  # fmt: skip
    add(lint_body, "POST", "/lint", f"lint_{word}_body", f"Lint {_a(kind)} that is not kept",
        "As for one that is kept; nothing is kept.", refusals=BODIES,
        extra=profile_body(noun.schema, noun.example))  # fmt: skip


def _add_writing(noun: Noun) -> None:
    kind, word = noun.kind, noun.word

    async def create_profile(
        request: Request, api: ApiDep, caller: Writer, idempotency_key: IdempotencyKey = None
    ) -> Response:
        document = await document_in(request)
        shelf = shelf_of(api, caller)

        def make(_subject: str) -> Answered:
            kept, is_new = keep(shelf, kind, document, is_new=True)
            return 201 if is_new else 200, profile_view(kept).model_dump_json()

        response = await once(request, api, caller, idempotency_key, word, make)
        response.headers["Location"] = api.link(f"{noun.path}/{_id_in(document)}")
        return response

    async def put_profile(request: Request, api: ApiDep, caller: Writer, profile_id: ProfileId) -> Response:
        document = await document_in(request)
        shelf = shelf_of(api, caller)
        kept, is_new = await run_in_threadpool(lambda: keep(shelf, kind, document, profile_id, is_new=False))
        return _told(kept, 201 if is_new and kept.version == 1 else 200)

    def delete_profile(api: ApiDep, caller: Writer, profile_id: ProfileId) -> Response:
        shelf = shelf_of(api, caller)
        if found_of(shelf, kind, profile_id).source == "shipped":
            raise ApiError(
                "conflict", f"{WORDS[kind]} {profile_id!r} is shipped; only your own can be deleted"
            )
        needed_by = dependents(shelf, kind, profile_id)
        if needed_by:
            named = ", ".join(needed_by[:8])
            raise ApiError(
                "conflict", f"{WORDS[kind]} {profile_id!r} is named by your {named}; change that first"
            )
        shelf.store.drop_document(caller.account, kind, profile_id)
        return Response(None, 204)

    add = partial(_add, noun)
    body = profile_body(noun.schema, noun.example)
    add(create_profile, "POST", "", f"create_{word}", f"Make {_a(kind)}",
        f"Keeps {noun.what}. JSON, or the YAML of a file. Every reference is checked. A `version` in the "
        "body is replaced: versions are numbered here. Exactly what is kept already is answered with 200.",
        refusals=(*BODIES, *KEYS, "conflict"), model=VIEWS[kind], status=201, extra=body)  # fmt: skip
    add(put_profile, "PUT", "/{id}", f"put_{word}", f"Change {_a(kind)}",
        "The next version of your own, or its first one. The same body makes no version. Runs keep what they "
        "were made with.", refusals=BODIES, model=VIEWS[kind], extra=body)  # fmt: skip
    add(delete_profile, "DELETE", "/{id}", f"delete_{word}", f"Delete {_a(kind)}",
        "All versions of your own; a shipped one of the same id is in its place again. Refused while another "
        "of your profiles needs it. Runs keep what they were made with.",
        refusals=("not_found", "conflict"), status=204)  # fmt: skip


def _add(
    noun: Noun,
    handler: Any,  # noqa: ANN401
    method: str,
    path: str,
    name: str,
    title: str,
    what: str,
    *,
    refusals: tuple[Code, ...] = (),
    model: type | None = None,
    status: int = 200,
    extra: dict[str, Any] | None = None,
) -> None:
    given: dict[str, Any] = {} if model is None else {"response_model": model}
    if status == 204:
        given |= {"response_class": Response, "response_model": None}
    responses = problems(*COMMON, *refusals)
    if status == 201:
        responses[200] = {"model": model, "description": "Exactly this was kept before."}
    router.add_api_route(
        f"{noun.path}{path}",
        handler,
        methods=[method],
        status_code=status,
        summary=title,
        description=what,
        operation_id=name,
        responses=responses,
        openapi_extra=extra,
        tags=[f"{noun.word}s"],
        **given,
    )


def _told(kept: Kept, status: int) -> Response:
    return Response(profile_view(kept).model_dump_json(), status, media_type="application/json")


def _id_in(document: Document) -> str:
    return str(document.value.get("id", "")) if isinstance(document.value, dict) else ""


def _a(kind: Kind) -> str:
    return f"an {WORDS[kind]}" if kind == "icp" else f"a {WORDS[kind]}"


for _noun in NOUNS:
    _add_reading(_noun)
    _add_writing(_noun)
