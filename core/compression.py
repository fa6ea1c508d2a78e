"""Compressing whole files, always to the same bytes."""

import gzip

ENCODINGS = ("br", "gzip")  # names as in HTTP (RFC 9110, section 8.4.1), the smaller first


def compress(content: bytes, encoding: str) -> bytes:
    """Return the content in an encoding of `ENCODINGS`."""
    if encoding == "gzip":
        return gzip.compress(content, compresslevel=6, mtime=0)
    # Slow to load, and many runs serve nothing.
    import brotli

    compressed: bytes = brotli.compress(content, mode=brotli.MODE_TEXT, quality=5)
    return compressed
