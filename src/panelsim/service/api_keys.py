"""Keys of the API: made, told apart, ended; the secret is shown once and never kept."""

import hashlib
import secrets
import string
from collections.abc import Collection
from datetime import UTC, datetime
from typing import get_args

from panelsim.errors import InputError
from panelsim.store import ApiKey, Scope, Store

MARK = "psk"
"""What every secret begins with, so that scanners of code can find one that leaked."""
ALPHABET = string.ascii_letters + string.digits
ID_LENGTH, SECRET_LENGTH = 10, 43
"""43 characters of 62 are 256 bits: too many to guess, so a plain SHA-256 keeps the secret safe."""
SHOWN = len(MARK) + 1 + ID_LENGTH
SCOPES: tuple[Scope, ...] = get_args(Scope)
DEFAULT_SCOPES: tuple[Scope, ...] = ("runs:read", "runs:write")
DEFAULT_RPM = 600


def create_key(
    store: Store,
    name: str,
    *,
    scopes: Collection[str] = DEFAULT_SCOPES,
    account: str = "",
    rpm: int = DEFAULT_RPM,
    cap: int | None = None,
) -> tuple[ApiKey, str]:
    """A new key and its secret.

    `account`: that of another key, to reach the same runs (as when a key is replaced); empty: one of its own.
    `cap`: picodollars a calendar month. Raises `InputError` for a name or scopes that cannot be.
    """
    if not name.strip() or len(name) > 100:
        raise InputError(f"a key's name has {len(name)} characters, expected 1 to 100")
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        found = f"holds {unknown[0]!r}" if unknown else "is empty"
        raise InputError(f"the list of scopes {found}, expected some of {', '.join(SCOPES)}")
    mark = _random(ID_LENGTH)
    key_id = f"key_{mark}"
    secret = f"{MARK}_{mark}_{_random(SECRET_LENGTH)}"
    key = ApiKey(
        id=key_id,
        account=account or f"acc_{mark}",
        name=name.strip(),
        prefix=secret[:SHOWN],
        scopes=tuple(scope for scope in SCOPES if scope in scopes),
        rpm=rpm,
        cap=cap,
        created_at=datetime.now(UTC),
    )
    store.add_api_key(key, digest_of(secret))
    return key, secret


def account_of(store: Store, key_id: str) -> str:
    """The account of a key, alive or not. Raises `InputError` if there is none of that id."""
    found = {key.id: key.account for key in store.api_keys()}
    if key_id not in found:
        raise InputError(f"no key is called {key_id!r}; `panelsim keys list` shows them")
    return found[key_id]


def key_of(store: Store, secret: str) -> ApiKey | None:
    """The key with this secret; None if there is none, or it was revoked."""
    if not secret.startswith(f"{MARK}_"):
        return None
    key = store.api_key(digest_of(secret))
    return None if key is None or key.revoked_at is not None else key


def revoke_key(store: Store, key_id: str) -> None:
    """Ends a key; the service refuses it within seconds. Raises `InputError` if none of that id is alive."""
    if not store.revoke_api_key(key_id):
        known = ", ".join(key.id for key in store.api_keys() if key.revoked_at is None) or "none"
        raise InputError(f"no key {key_id!r} is alive, expected one of: {known}")


def digest_of(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(length))
