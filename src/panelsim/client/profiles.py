"""Operations on profiles: ICPs, personas and panels, all with the same methods."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Generic, TypeAlias

from panelsim.client import answers
from panelsim.client.calls import Place, Table, delete, get, page, post, send
from panelsim.client.faces import Listing, Operation, Resource, S
from panelsim.client.wire import A, Call, Page

Profile: TypeAlias = Mapping[str, object] | str
"""The fields of a profile, or the YAML of its file."""


class Profiles(Resource[S], Generic[S, A]):
    """Profiles of one kind: your own, and the shipped ones."""

    path: ClassVar[str]
    view: type[A]

    @Listing
    def list(self, *, source: str | None = None, limit: int = 50) -> Call[Page[answers.ProfileHead]]:
        """All of them, by id; `source`: only your `own`, or only `shipped` ones."""
        return page(self.path, answers.ProfileHead, limit, source=source)

    @Operation
    def get(self, profile: Place, *, version: int | None = None) -> Call[A]:
        """One in full; the newest version unless told otherwise."""
        return get(f"{self.path}/{{id}}", self.view, profile, version=version)

    @Operation
    def create(self, profile: Profile, *, idempotency_key: str = "") -> Call[A]:
        """Keeps a new one. Exactly what is kept already makes none."""
        return send("POST", self.path, self.view, profile, media="application/yaml", key=idempotency_key)

    @Operation
    def put(self, named: Place, profile: Profile) -> Call[A]:
        """Makes the next version; the same fields make none."""
        return send(
            "PUT", f"{self.path}/{{id}}", self.view, profile, named, media="application/yaml", is_safe=True
        )

    @Operation
    def delete(self, profile: Place) -> Call[None]:
        """Removes all versions of one of your own."""
        return delete(f"{self.path}/{{id}}", profile)

    @Listing
    def versions(self, profile: Place, *, limit: int = 50) -> Call[Page[answers.VersionView]]:
        """Its versions, newest first."""
        return page(f"{self.path}/{{id}}/versions", answers.VersionView, limit, profile)

    @Operation
    def lint(self, profile: Place) -> Call[answers.Findings]:
        """What to mend in one that is kept."""
        return post(f"{self.path}/{{id}}/lint", answers.Findings, None, profile, is_safe=True)

    @Operation
    def lint_body(self, profile: Profile) -> Call[answers.Findings]:
        """What to mend in one that is not kept, nor will be."""
        path = f"{self.path}/lint"
        return send("POST", path, answers.Findings, profile, media="application/yaml", is_safe=True)


class Icps(Profiles[S, answers.IcpView]):
    """Ideal customer profiles."""

    path = "/v1/icps"
    view = answers.IcpView

    @Operation
    def match_accounts(
        self,
        icp: Place,
        accounts: Table,
        *,
        media: str = "text/csv",
        map: Sequence[str] | None = None,  # noqa: A002 (as the API calls it)
        id: str | None = None,  # noqa: A002 (as the API calls it)
        skip_bad: bool | None = None,
        top: int | None = None,
    ) -> Call[answers.Matching]:
        """Accounts ranked by how they fit; rows, or the text of a table of type `media`."""
        path = "/v1/icps/{id}/match"
        query = {"map": map, "id": id, "skip_bad": skip_bad, "top": top}
        return send("POST", path, answers.Matching, accounts, icp, media=media, is_safe=True, query=query)


class Personas(Profiles[S, answers.PersonaView]):
    """Kinds of buyers."""

    path = "/v1/personas"
    view = answers.PersonaView


class Panels(Profiles[S, answers.PanelView]):
    """Which personas in which ICPs are asked."""

    path = "/v1/panels"
    view = answers.PanelView
