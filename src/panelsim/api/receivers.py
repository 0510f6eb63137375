"""Addresses of receivers as callers give them: refused as a problem that names the field."""

from panelsim.api.context import Api
from panelsim.api.problems import ApiError
from panelsim.errors import InputError
from panelsim.service.webhooks.resolving import check_receiver


def check_callback(api: Api, url: str) -> None:
    """Raises 422 for an address that a webhook may not go to."""
    try:
        check_receiver(url, allows_loopback=api.options.allows_loopback)
    except InputError as error:
        raise ApiError("invalid_request", f"callback_url: {error}", param="body.callback_url") from error
