"""What callers see of profiles: ICPs, personas and panels, their own and the shipped ones."""

from collections.abc import Mapping

from pydantic import Field, JsonValue

from panelsim.files.references import Kind
from panelsim.model.base import Frozen
from panelsim.model.icp import ICP
from panelsim.model.panel import PanelSpec
from panelsim.model.persona import Persona
from panelsim.planning.findings import Finding
from panelsim.service.keeping import Kept, Source


class ProfileHead(Frozen):
    """A profile in a list."""

    id: str = Field(description="Names it in studies and in other profiles.", examples=["b2b-saas"])
    object: Kind = Field(description="What this is.", examples=["icp"])
    title: str = Field(description="In words.", examples=["Mid-market B2B software"])
    source: Source = Field(
        description="`own`: your account's; `shipped`: the server's. An own one stands in for a shipped one "
        "of the same id, also where shipped profiles name it.",
        examples=["own"],
    )
    version: int = Field(
        description="1 when it is made, one more with each change; of shipped ones, what their file says.",
        examples=[2],
    )
    content: str = Field(
        description="Hash of its meaning: equal if and only if nothing that matters differs.",
        examples=["icp1:4b5c6d7e"],
    )
    created_at: str | None = Field(
        description="When this version was made, UTC; null for shipped ones.",
        examples=["2026-11-28T10:15:00+00:00"],
    )
    fault: str = Field(
        description="Why it can no longer be read, as when a parent was changed; empty if it can.",
        examples=[""],
    )


class ProfileView(ProfileHead):
    """A profile in full."""

    given: JsonValue = Field(description="The fields as they were given: change these and PUT them.")


class IcpView(ProfileView):
    """An ICP in full."""

    profile: ICP | None = Field(
        description="As panelsim reads it, a micro-ICP with what it takes over from its parent; null if it "
        "can no longer be read."
    )


class PersonaView(ProfileView):
    """A persona in full."""

    profile: Persona | None = Field(description="As panelsim reads it; null if it can no longer be read.")


class PanelView(ProfileView):
    """A panel in full."""

    profile: PanelSpec | None = Field(description="As panelsim reads it; null if it can no longer be read.")


class VersionView(Frozen):
    """One version of a profile."""

    version: int = Field(description="Its number.", examples=[2])
    content: str = Field(description="Hash of its meaning; empty if it cannot be read.", examples=["icp1:4b"])
    created_at: str | None = Field(
        description="UTC; null for shipped ones.", examples=["2026-11-28T10:15:00+00:00"]
    )


class Findings(Frozen):
    """What to mend in a profile."""

    errors: int = Field(description="Findings that make a panel wrong or impossible.", examples=[0])
    warnings: int = Field(description="Findings that make it weak.", examples=[1])
    findings: tuple[Finding, ...] = Field(
        description="Errors first, each with what was found (`what`), why it matters and how to mend it."
    )


VIEWS: Mapping[Kind, type[IcpView] | type[PersonaView] | type[PanelView]] = {
    "icp": IcpView,
    "persona": PersonaView,
    "panel": PanelView,
}


def head_view(kept: Kept) -> ProfileHead:
    """A profile as a list says it."""
    return ProfileHead.model_validate(_head(kept))


def profile_view(kept: Kept) -> IcpView | PersonaView | PanelView:
    """A profile in full."""
    return VIEWS[kept.kind].model_validate(_head(kept) | {"profile": kept.profile, "given": kept.given})


def version_view(kept: Kept) -> VersionView:
    """One version of a profile."""
    return VersionView(version=kept.version, content=kept.content, created_at=kept.created_at or None)


def findings_view(found: tuple[Finding, ...]) -> Findings:
    """What lint found, counted."""
    errors = sum(one.level == "error" for one in found)
    return Findings(errors=errors, warnings=len(found) - errors, findings=found)


def _head(kept: Kept) -> dict[str, object]:
    given = kept.given.get("title", "") if isinstance(kept.given, dict) else ""
    return {
        "id": kept.id,
        "object": kept.kind,
        "title": str(given) if kept.profile is None else kept.profile.title,
        "source": kept.source,
        "version": kept.version,
        "content": kept.content,
        "created_at": kept.created_at or None,
        "fault": kept.fault,
    }
