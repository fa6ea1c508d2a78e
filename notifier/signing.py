"""Signatures as Standard Webhooks wants them (specification, sections "Signature scheme" and "Webhook headers")."""

import base64
import binascii
import hmac
import os
from collections.abc import Iterable
from datetime import datetime

from core.errors import ConfigurationError

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64  # bytes


def new_secret() -> str:
    """Return a new random secret: `whsec_` and the base64 of 32 bytes."""
    return _PREFIX + base64.b64encode(os.urandom(32)).decode()


def check_secrets(endpoint: str, secrets: Iterable[str]) -> None:
    """Raise ConfigurationError, without showing the secret, unless there are secrets and all are well made."""
    count = 0
    for secret in secrets:
        count += 1
        try:
            _key(secret)
        except ConfigurationError as error:
            raise ConfigurationError(f"endpoint {endpoint}: {error}") from None
    if not count:
        raise ConfigurationError(f"endpoint {endpoint}: it has no secret. `feedbell endpoints secret` makes one.")


def sign(secrets: Iterable[str], *, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """Return the three webhook headers; one signature for each secret. Raises ConfigurationError for a bad secret."""
    timestamp = str(int(at.timestamp()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signatures = [hmac.digest(_key(secret), signed, "sha256") for secret in secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": " ".join(f"v1,{base64.b64encode(signature).decode()}" for signature in signatures),
    }


def _key(secret: str) -> bytes:
    encoded = secret.removeprefix(_PREFIX)
    try:
        if encoded == secret:
            raise ValueError
        # Some tools leave the padding out.
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise ConfigurationError(
            f"a secret is {_PREFIX} and the base64 of {_SHORTEST} to {_LONGEST} bytes, and this one is not."
            " `feedbell endpoints secret` makes one."
        )
    return key
