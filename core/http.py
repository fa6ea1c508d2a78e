"""The door to the outside by HTTP: bounded in time and bytes, and only to addresses that may be contacted."""

import http.client
import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import replace
from http.cookiejar import DefaultCookiePolicy
from importlib.metadata import version
from pathlib import Path

import requests
import urllib3

from core.addresses import AddressPolicy
from core.connect import Connector, GuardedAdapter, Unreachable
from core.deadline import Watchdog
from core.exchange import HttpError, HttpResult
from core.resolve import Resolver, system_resolver

_BAD_URL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)


class HttpClient:
    """A pool of connections for `threads` threads.

    Follows no redirect, keeps no cookie, reads neither proxy settings nor .netrc. `deadline` (seconds) bounds one
    exchange as a whole, from resolving to the last byte that we read.
    """

    def __init__(
        self,
        *,
        policy: AddressPolicy,
        threads: int = 32,
        connect_timeout: float = 5.0,
        deadline: float = 20.0,
        excerpt_bytes: int = 4096,
        ca_file: Path | None = None,
        resolver: Resolver = system_resolver,
    ) -> None:
        # urllib3 writes whole URLs into its own log lines, and these are secrets.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)
        self._deadline = deadline
        self._excerpt_bytes = excerpt_bytes
        self._watchdog = Watchdog()
        self._connector = Connector(policy=policy, connect_timeout=connect_timeout, resolver=resolver)
        self._session = _Session()
        self._session.trust_env = False
        self._session.verify = str(ca_file) if ca_file else True
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        self._session.headers.update({"User-Agent": f"Feedbell/{version('feedbell')}", "Accept-Encoding": "identity"})
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, GuardedAdapter(self._connector, pools=max(threads, 10), connections=threads))

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float | None = None) -> HttpResult:
        """Send a POST request; what the network does is in the result. `deadline` replaces the client's own."""
        started = time.monotonic()
        seconds = deadline or self._deadline
        with self._watchdog.guard(seconds) as guard, self._connector.guarded_by(guard):
            try:
                result = self._exchange(url, body, headers, seconds)
            except Unreachable as error:
                result = _failure(HttpError(error.code), error.reason)
            except (
                requests.RequestException,
                urllib3.exceptions.HTTPError,
                http.client.HTTPException,
                OSError,
                ValueError,  # what the standard library says of broken header lines, lengths and host names
            ) as error:
                result = _failure(*_explain(error))
        if guard.expired or result.error is HttpError.TIMEOUT:
            result = _failure(HttpError.TIMEOUT, f"no complete answer within {seconds:g} s")
        return replace(result, latency_ms=round((time.monotonic() - started) * 1000))

    def close(self) -> None:
        """Close every connection; exchanges under way end as timed out."""
        self._watchdog.close()
        self._session.close()

    def _exchange(self, url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> HttpResult:
        # The connection has its own time limit (see Connector); this one is for a single read or write.
        response = self._session.post(
            url, data=body, headers=dict(headers), stream=True, allow_redirects=False, timeout=seconds
        )
        with response:
            excerpt = self._read_excerpt(response)
        retry_after = response.headers.get("Retry-After")
        return HttpResult(
            status=response.status_code,
            error=None,
            reason="",
            retry_after=retry_after[:100] if retry_after else None,
            excerpt=excerpt,
            latency_ms=0,
        )

    def _read_excerpt(self, response: requests.Response) -> bytes:
        """Read the body's first bytes. A body that is cut short or cannot be decoded takes nothing from the status."""
        excerpt = b""
        try:
            while len(excerpt) < self._excerpt_bytes:
                chunk = response.raw.read(self._excerpt_bytes - len(excerpt), decode_content=True)
                if not chunk:
                    break
                excerpt += chunk
        except urllib3.exceptions.DecodeError:
            pass
        except urllib3.exceptions.ProtocolError as error:
            if any(isinstance(cause, ConnectionError) for cause in _causes(error)):
                raise
        return excerpt[: self._excerpt_bytes]


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """See no redirect at all: requests would read the whole body of one that it does not follow."""
        return None


def _failure(error: HttpError, reason: str) -> HttpResult:
    return HttpResult(status=None, error=error, reason=reason, retry_after=None, excerpt=b"", latency_ms=0)


def _explain(error: Exception) -> tuple[HttpError, str]:
    """Say what went wrong in our own words: the libraries' words hold the whole URL."""
    causes = _causes(error)
    if any(isinstance(cause, ssl.SSLError | urllib3.exceptions.SSLError) for cause in causes):
        verification = next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None)
        return HttpError.TLS, f"TLS failed: {verification.verify_message if verification else 'no secure connection'}"
    if any(isinstance(cause, TimeoutError | requests.Timeout | urllib3.exceptions.TimeoutError) for cause in causes):
        return HttpError.TIMEOUT, ""
    if isinstance(error, _BAD_URL):
        return HttpError.BAD_URL, "the URL cannot be used"
    if any(isinstance(cause, ConnectionError) for cause in causes):
        return HttpError.CONNECT, "the connection was closed before an answer came"
    return HttpError.PROTOCOL, "the answer is not HTTP as it should be"


def _causes(error: BaseException) -> list[BaseException]:
    """The error and what it wraps: requests and urllib3 put the cause in `__context__` or among the arguments."""
    found: list[BaseException] = []
    waiting: list[BaseException] = [error]
    while waiting and len(found) < 20:
        current = waiting.pop()
        if current in found:
            continue
        found.append(current)
        wrapped = [current.__cause__, current.__context__, getattr(current, "reason", None), *current.args]
        waiting.extend(cause for cause in wrapped if isinstance(cause, BaseException))
    return found
