"""What is sent to the outside and what comes back, whoever carries it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

# Asked before a redirect is followed, with its address and the seconds that are left. It may wait; no means too late.
MayGo = Callable[[str, float], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A POST request. `headers` are lines such as `content-type: text/plain`; `deadline` bounds it all, in seconds."""

    url: str = field(repr=False)
    body: bytes = field(repr=False)
    headers: tuple[str, ...] = field(default=(), repr=False)
    deadline: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A message for an SMTP server at `smtp://HOST:PORT` (STARTTLS if `starttls`) or `smtps://HOST:PORT`.

    `body` is the whole message, headers and all, with CR LF at the end of each line.
    """

    url: str = field(repr=False)
    sender: str
    recipients: tuple[str, ...]
    body: bytes = field(repr=False)
    starttls: bool = True
    user: str | None = field(default=None, repr=False)
    password: str | None = field(default=None, repr=False)
    deadline: float | None = None


class HttpError(StrEnum):
    """Why there is no answer."""

    BAD_URL = "bad-url"
    REFUSED_ADDRESS = "refused-address"
    RESOLVE = "resolve"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    REDIRECTS = "redirects"
    TOO_LARGE = "too-large"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResult:
    """What the outside world said. `error` is None exactly if there is an answer; only `location` may be secret."""

    status: int | None
    error: HttpError | None
    reason: str  # one short sentence about the error, else empty
    retry_after: str | None  # the header as it came
    excerpt: bytes  # the first bytes of the decoded body
    latency_ms: int
    location: str | None = field(default=None, repr=False)  # where a redirect leads, as it was written


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a GET request brought, at the end of its redirects."""

    status: int | None  # None exactly if there is an error
    error: HttpError | None = None
    reason: str = ""  # one short sentence about the error, else empty
    url: str = field(default="", repr=False)  # the address that answered
    # Where to ask next time, if every redirect on the way to it said that it is for good (301, 308).
    moved_to: str | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)  # names in small letters; repeated ones joined by `, `
    body: bytes = field(default=b"", repr=False)  # decoded; of an answer that is no 2xx it is empty
    latency_ms: int = 0
