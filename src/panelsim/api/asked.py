"""What a request asks for, with what its account keeps put in: the study behind a request."""

from panelsim.api.context import Api
from panelsim.api.problems import ApiError
from panelsim.api.studies import MessageTestRequest, StudyRequest
from panelsim.errors import InputError
from panelsim.model.study import Study
from panelsim.service.calibrations import known_calibration


def study_of(api: Api, account: str, wanted: StudyRequest) -> Study:
    """The study that is asked for. Raises `InputError`, and 422 for a calibration that is not known."""
    study = wanted.study()
    if not isinstance(wanted, MessageTestRequest) or not wanted.calibration:
        return study
    try:
        calibration = known_calibration(api.workspace.store, account, wanted.calibration)
    except InputError as error:
        raise ApiError("invalid_request", str(error), param="body.calibration") from error
    return study.model_copy(update={"calibration": calibration})
