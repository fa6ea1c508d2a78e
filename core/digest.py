"""A short digest that tells whether bytes changed."""

from hashlib import sha256


def content_hash(content: bytes) -> str:
    """Return 32 hexadecimal digits."""
    return sha256(content, usedforsecurity=False).hexdigest()[:32]
