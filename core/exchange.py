"""What is sent to the outside and what comes back, whoever carries it."""

from dataclasses import dataclass, field
from enum import StrEnum


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


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpResult:
    """What the outside world said. `error` is None exactly if there is an answer; nothing here holds the URL's path."""

    status: int | None
    error: HttpError | None
    reason: str  # one short sentence about the error, else empty
    retry_after: str | None  # the header as it came
    excerpt: bytes  # the first bytes of the decoded body
    latency_ms: int
