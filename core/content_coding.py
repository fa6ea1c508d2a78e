"""Decoding bodies step by step, with a limit on what comes out, and noticing that an end is missing."""

import zlib
from collections.abc import Callable
from typing import Protocol

ACCEPTED = "gzip, deflate, br"
_GZIP = 16 + zlib.MAX_WBITS
_MOST_CODINGS = 3
_MOST_MEMBERS = 1000


class TooLarge(Exception):
    """More comes out than the limit allows."""


class CutShort(ValueError):
    """The body ends before the end that its coding writes, or is not in that coding."""


class Decoder(Protocol):
    """Decodes one body."""

    def decode(self, part: bytes, limit: int) -> bytes:
        """Return what comes of a further part; raises TooLarge if that is more than `limit` bytes, or CutShort."""

    def end(self) -> None:
        """Say that nothing more comes; raises CutShort if something is missing."""


def decoders_for(header: str) -> list[Decoder]:
    """Return decoders in the order to use them. A coding that nobody knows is none, as browsers have it.

    Raises CutShort if there are more than any honest server uses.
    """
    names = [name.strip().lower() for name in header.split(",")]
    makers = [_MAKERS[name] for name in reversed(names) if name in _MAKERS]
    if len(makers) > _MOST_CODINGS:
        raise CutShort("too many codings")
    return [make() for make in makers]


class _Gzip:
    """One member or several."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)
        self._members = 1
        self._began = False

    def decode(self, part: bytes, limit: int) -> bytes:
        self._began = self._began or bool(part)
        found = bytearray()
        while part:
            if self._member.eof and not self._next_member(part):
                break
            found += _inflate(self._member, part, limit + 1 - len(found))
            if len(found) > limit:
                raise TooLarge
            part = self._member.unused_data or self._member.unconsumed_tail
        return bytes(found)

    def end(self) -> None:
        if self._began and not self._member.eof:
            raise CutShort("cut short")

    def _next_member(self, part: bytes) -> bool:
        # What follows a member and is none is padding, which gzip programs pass over too.
        self._members += 1
        if not part.startswith(b"\x1f"):
            return False
        if self._members > _MOST_MEMBERS:
            raise CutShort("too many members")
        self._member = zlib.decompressobj(_GZIP)
        return True


class _Deflate:
    """With the zlib header that it should have, or without, as some servers have it."""

    def __init__(self) -> None:
        self._head = b""
        self._stream = zlib.decompressobj(zlib.MAX_WBITS)
        self._known = False

    def decode(self, part: bytes, limit: int) -> bytes:
        if not self._known:
            self._head += part
            if len(self._head) < 2:
                return b""
            self._known, part = True, self._head
            if part[0] & 15 != zlib.DEFLATED or int.from_bytes(part[:2]) % 31:  # RFC 1950, section 2.2
                self._stream = zlib.decompressobj(-zlib.MAX_WBITS)
        found = b"" if self._stream.eof else _inflate(self._stream, part, limit + 1)
        if len(found) > limit:
            raise TooLarge
        return found

    def end(self) -> None:
        if self._head and not self._stream.eof:
            raise CutShort("cut short")


class _Brotli:
    def __init__(self) -> None:
        # Slow to load, and many runs fetch nothing.
        import brotli

        self._error: type[Exception] = brotli.error
        self._stream = brotli.Decompressor()
        self._began = False

    def decode(self, part: bytes, limit: int) -> bytes:
        if self._stream.is_finished():
            return b""
        self._began = self._began or bool(part)
        found = bytearray()
        try:
            while part or not self._stream.can_accept_more_data():
                found += self._stream.process(part, output_buffer_limit=limit + 1 - len(found))
                if len(found) > limit:
                    raise TooLarge
                part = b""
        except self._error as error:
            raise CutShort("not in its coding") from error
        return bytes(found)

    def end(self) -> None:
        if self._began and not self._stream.is_finished():
            raise CutShort("cut short")


def _inflate(stream: "zlib._Decompress", part: bytes, most: int) -> bytes:
    try:
        return stream.decompress(part, most)
    except zlib.error as error:
        raise CutShort("not in its coding") from error


_MAKERS: dict[str, Callable[[], Decoder]] = {
    "gzip": _Gzip,
    "x-gzip": _Gzip,
    "deflate": _Deflate,
    "br": _Brotli,
}
