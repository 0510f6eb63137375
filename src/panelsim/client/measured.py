"""Operations on what was measured: calibrations, evaluations, spending, and what the service offers."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias, Unpack

from panelsim.client import answers, requests
from panelsim.client.calls import Place, Table, delete, document, get, page, post, send
from panelsim.client.faces import Listing, Operation, Resource, S
from panelsim.client.wire import Call, Document, Page, read_document

Form: TypeAlias = Literal["json", "html", "md", "junit"]


class Calibrations(Resource[S]):
    """Past A/B tests that say when to believe a panel."""

    @Operation
    def create(
        self,
        results: Table,
        *,
        media: str = "text/csv",
        channel: str | None = None,
        outcome: str | None = None,
        map: Sequence[str] | None = None,  # noqa: A002 (as the API calls it)
        where: Sequence[str] | None = None,
        skip_bad: bool | None = None,
        vectors: bool | None = None,
        seed: int | None = None,
        name: str | None = None,
        idempotency_key: str = "",
    ) -> Call[answers.CalibrationView]:
        """Calibrates on past results; rows, or the text of a table of type `media`."""
        query = {
            "channel": channel,
            "outcome": outcome,
            "map": map,
            "where": where,
            "skip_bad": skip_bad,
            "vectors": vectors,
            "seed": seed,
            "name": name,
        }
        path = "/v1/calibrations"
        return send(
            "POST", path, answers.CalibrationView, results, media=media, key=idempotency_key, query=query
        )

    @Operation
    def import_(
        self, calibration: Mapping[str, object], *, idempotency_key: str = ""
    ) -> Call[answers.CalibrationView]:
        """Keeps a calibration file that was made elsewhere."""
        return post("/v1/calibrations/import", answers.CalibrationView, calibration, key=idempotency_key)

    @Listing
    def list(self, *, limit: int = 50) -> Call[Page[answers.CalibrationHead]]:
        """All calibrations, newest first."""
        return page("/v1/calibrations", answers.CalibrationHead, limit)

    @Operation
    def get(self, calibration: Place) -> Call[answers.CalibrationView]:
        """A calibration with all that was measured."""
        return get("/v1/calibrations/{id}", answers.CalibrationView, calibration)

    @Operation
    def delete(self, calibration: Place) -> Call[None]:
        """Removes a calibration."""
        return delete("/v1/calibrations/{id}", calibration)


class Evaluations(Resource[S]):
    """Benchmarks of panels, and what was found."""

    @Listing
    def list(self, *, limit: int = 50) -> Call[Page[answers.EvaluationView]]:
        """All benchmarks, with their gates."""
        return page("/v1/evaluations", answers.EvaluationView, limit)

    @Operation
    def create(self, *, format: Form | None = None, **wanted: Unpack[requests.Replay]) -> Call[Document]:  # noqa: A002
        """Replays a recording, the network off; needs the scope `admin`."""
        path = "/v1/evaluations"
        return Call(method="POST", path=path, read=read_document, query={"format": format}, body=wanted)

    @Operation
    def results(self, benchmark: Place, *, format: Form | None = None) -> Call[Document]:  # noqa: A002
        """What was found."""
        return document("/v1/evaluations/{id}/results", benchmark, format=format)


class Usage(Resource[S]):
    """What was spent."""

    @Operation
    def get(
        self,
        *,
        by: str | None = None,
        since: str | None = None,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Call[answers.UsageView]:
        """Spending by `day`, `run` or `model`, beside the cap of the month; one page of its rows."""
        return get("/v1/usage", answers.UsageView, by=by, since=since, limit=limit, cursor=cursor)


class Models(Resource[S]):
    """Language models that studies may name."""

    @Listing
    def list(self) -> Call[Page[answers.ModelView]]:
        """All of them."""
        return page("/v1/models", answers.ModelView, None)


class Measures(Resource[S]):
    """What texts can be rated on."""

    @Listing
    def list(self) -> Call[Page[answers.MeasureView]]:
        """All of them."""
        return page("/v1/measures", answers.MeasureView, None)
