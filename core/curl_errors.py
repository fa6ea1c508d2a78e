"""What libcurl's errors mean, in our own words: its own may hold parts of the URL."""

import errno
import os
from dataclasses import dataclass

import pycurl

from core.exchange import HttpError

_TLS = frozenset(
    {
        pycurl.E_SSL_CONNECT_ERROR,
        pycurl.E_PEER_FAILED_VERIFICATION,
        pycurl.E_SSL_CERTPROBLEM,
        pycurl.E_SSL_CIPHER,
        pycurl.E_SSL_CACERT_BADFILE,
        pycurl.E_SSL_ISSUER_ERROR,
        pycurl.E_SSL_INVALIDCERTSTATUS,
        pycurl.E_USE_SSL_FAILED,
    }
)
# The answer is there; what comes after the part of its body that we read does not matter.
_AFTER_THE_STATUS = frozenset({pycurl.E_PARTIAL_FILE, pycurl.E_WRITE_ERROR, pycurl.E_BAD_CONTENT_ENCODING})
_CLOSED = "the connection was closed before an answer came"
_SMTP_REFUSALS = frozenset({pycurl.E_LOGIN_DENIED, pycurl.E_SEND_ERROR, pycurl.E_FTP_WEIRD_SERVER_REPLY})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How an exchange ended: libcurl's code and message, how far it came, and the system's last error number."""

    code: int
    message: str
    status: int
    connected: bool
    resolved: bool
    system_error: int
    seconds: float
    in_time: bool


def explain(ending: Ending, refused: str | None) -> tuple[HttpError, str] | None:
    """Return the error and one sentence without secrets, or None if there is an answer all the same."""
    code = ending.code
    if code in _AFTER_THE_STATUS and ending.status:
        return None
    if refused is not None:
        return HttpError.REFUSED_ADDRESS, refused
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return _timed_out(ending)
    if code in _TLS:
        return HttpError.TLS, f"TLS failed: {_tls_reason(ending)}"
    if code == pycurl.E_COULDNT_RESOLVE_HOST:
        return HttpError.RESOLVE, "the host name has no address"
    if code == pycurl.E_COULDNT_CONNECT:
        return HttpError.CONNECT, f"cannot connect: {_system_reason(ending.system_error)}"
    return _spoken_wrongly(ending)


def _timed_out(ending: Ending) -> tuple[HttpError, str]:
    if ending.connected or not ending.in_time:
        return HttpError.TIMEOUT, f"no complete answer within {ending.seconds:g} s"
    if not ending.resolved:
        return HttpError.RESOLVE, "the name servers did not answer in time"
    return HttpError.CONNECT, "cannot connect: no connection within the time allowed"


def _spoken_wrongly(ending: Ending) -> tuple[HttpError, str]:
    code = ending.code
    # A first line that is none makes libcurl think of HTTP/0.9, another protocol.
    if code == pycurl.E_URL_MALFORMAT or (code == pycurl.E_UNSUPPORTED_PROTOCOL and "HTTP/" not in ending.message):
        return HttpError.BAD_URL, "the URL cannot be used"
    if code == pycurl.E_LOGIN_DENIED:
        return HttpError.PROTOCOL, "the server does not take the user name and password"
    if ending.status and code in _SMTP_REFUSALS:
        return HttpError.PROTOCOL, f"the server answered {ending.status}"
    lost = ending.system_error in (errno.ECONNRESET, errno.EPIPE) or code in (
        pycurl.E_GOT_NOTHING,
        pycurl.E_SEND_ERROR,
    )
    if lost:
        return HttpError.CONNECT, _CLOSED
    return HttpError.PROTOCOL, "the answer is not HTTP as it should be"


def _tls_reason(ending: Ending) -> str:
    if ending.code != pycurl.E_PEER_FAILED_VERIFICATION:
        return "no secure connection"
    return ending.message.rpartition(": ")[2] or "the certificate is not trusted"


def _system_reason(number: int) -> str:
    return os.strerror(number).lower() if number else "no address answered"
