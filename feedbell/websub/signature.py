"""The signature of what a hub sends (W3C WebSub, section 7.1, Authenticated Content Distribution). Pure."""

import hashlib
import hmac

_METHODS = {"sha1": hashlib.sha1, "sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


def is_signed(header: str | None, body: bytes, secret: str) -> bool:
    """Tell whether an `X-Hub-Signature` (`method=hex`) was made of a body with a secret, by the method it names."""
    method, _, written = (header or "").strip().partition("=")
    algorithm = _METHODS.get(method.strip().lower())
    if algorithm is None:
        return False
    expected = hmac.new(secret.encode(), body, algorithm).hexdigest()
    # As bytes: of texts only ASCII can be compared in constant time.
    return hmac.compare_digest(expected.encode(), written.strip().lower().encode())
