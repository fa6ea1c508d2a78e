"""The door to the outside by HTTP: bounded in time and bytes, and only to addresses that may be contacted."""

import logging
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
from core.exchange import Fetched, HttpError, HttpResult, MayGo
from core.fetching import Errand, Fetcher
from core.http_errors import EXPECTED, causes_of, explain
from core.resolve import Resolver, system_resolver


class HttpClient:
    """A pool of connections for `threads` threads.

    Keeps no cookie, reads neither proxy settings nor .netrc. `deadline` (seconds) bounds one exchange as a whole, from
    resolving to the last byte that we read.
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
        user_agent: str | None = None,
    ) -> None:
        # urllib3 writes whole URLs into its own log lines, and these are secrets.
        logging.getLogger("urllib3").setLevel(logging.CRITICAL)
        self._deadline = deadline
        self._excerpt_bytes = excerpt_bytes
        self._watchdog = Watchdog()
        self._connector = Connector(policy=policy, connect_timeout=connect_timeout, resolver=resolver)
        self._session = _Session()
        self._session.trust_env = False
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.headers.clear()
        user_agent = user_agent or f"Feedbell/{version('feedbell')}"
        self._session.headers.update({"User-Agent": user_agent, "Accept-Encoding": "identity"})
        adapter = GuardedAdapter(self._connector, pools=max(threads, 10), connections=threads, ca_file=ca_file)
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, adapter)
        # Many hosts, and to each no more connections than a polite program has.
        self._getting = GuardedAdapter(self._connector, pools=max(2 * threads, 100), connections=2, ca_file=ca_file)
        self._fetcher = Fetcher(self._connector, self._getting, user_agent=user_agent)

    def get(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        max_bytes: int,
        redirects: int = 10,
        deadline: float | None = None,
        may_go: MayGo | None = None,
    ) -> Fetched:
        """Send a GET request and follow up to `redirects` redirects; what the network does is in the result.

        Of a 2xx the body is read and decoded, whole and up to `max_bytes`, or the result is an error. `deadline`
        (seconds, for all of it) replaces the client's own. `may_go` is asked before each redirect.
        """
        started = time.monotonic()
        seconds = deadline or self._deadline
        with self._watchdog.guard(seconds) as guard, self._connector.guarded_by(guard):
            fetched = self._fetcher.fetch(
                Errand(url=url, headers=headers, max_bytes=max_bytes, redirects=redirects, guard=guard, may_go=may_go)
            )
        if guard.expired or fetched.error is HttpError.TIMEOUT:
            fetched = Fetched(status=None, error=HttpError.TIMEOUT, reason=f"no complete answer within {seconds:g} s")
        return replace(fetched, latency_ms=round((time.monotonic() - started) * 1000))

    def close_idle(self) -> None:
        """Close the connections of GET requests that wait for a next one."""
        self._getting.close_idle()

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, deadline: float | None = None) -> HttpResult:
        """Send a POST request, following no redirect; what the network does is in the result.

        `deadline` replaces the client's own.
        """
        started = time.monotonic()
        seconds = deadline or self._deadline
        with self._watchdog.guard(seconds) as guard, self._connector.guarded_by(guard):
            try:
                result = self._exchange(url, body, headers, seconds)
            except Unreachable as error:
                result = _failure(HttpError(error.code), error.reason)
            except EXPECTED as error:
                result = _failure(*explain(error))
        if guard.expired or result.error is HttpError.TIMEOUT:
            result = _failure(HttpError.TIMEOUT, f"no complete answer within {seconds:g} s")
        return replace(result, latency_ms=round((time.monotonic() - started) * 1000))

    def close(self) -> None:
        """Close every connection; exchanges under way end as timed out."""
        self._watchdog.close()
        self._session.close()
        self._getting.close()

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
            location=response.headers.get("Location"),
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
            if any(isinstance(cause, ConnectionError) for cause in causes_of(error)):
                raise
        return excerpt[: self._excerpt_bytes]


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """See no redirect at all: requests would read the whole body of one that it does not follow."""
        return None


def _failure(error: HttpError, reason: str) -> HttpResult:
    return HttpResult(status=None, error=error, reason=reason, retry_after=None, excerpt=b"", latency_ms=0)
