"""What went wrong in an HTTP exchange, in our own words: the libraries' words hold the whole URL."""

import http.client
import ssl

import requests
import urllib3

from core.exchange import HttpError

# Everything that an exchange raises because of what the outside world did.
EXPECTED: tuple[type[Exception], ...] = (
    requests.RequestException,
    urllib3.exceptions.HTTPError,
    http.client.HTTPException,
    OSError,
    ValueError,  # what the standard library says of broken header lines, lengths and host names
)
_BAD_URL = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
)


def explain(error: Exception) -> tuple[HttpError, str]:
    """Return the code and a short sentence without secrets; of a time-out the sentence is empty."""
    causes = causes_of(error)
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


def causes_of(error: BaseException) -> list[BaseException]:
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
