"""What every channel looks at in an endpoint's configuration. What is said shows no secret. Pure."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import SplitResult, urlsplit

from core.errors import ConfigurationError
from notifier.model import Endpoint


def wrong(endpoint: Endpoint, sentence: str) -> ConfigurationError:
    """Return the exception for a mistake in an endpoint."""
    return ConfigurationError(f"endpoint {endpoint.name}: {sentence}")


def check_options(endpoint: Endpoint, options: Mapping[str, str], required: Iterable[str]) -> None:
    """Raise ConfigurationError unless all options are known, and the required ones are there."""
    for name in endpoint.options:
        if name not in options:
            known = f"It takes {', '.join(options)}." if options else "It takes none."
            raise wrong(endpoint, f"{endpoint.channel} knows no option {name!r}. {known}")
    for name in required:
        if not endpoint.options.get(name, "").strip():
            raise wrong(endpoint, f"{endpoint.channel} needs the option {name!r}: {options[name]}.")


def check_url(endpoint: Endpoint, *, schemes: tuple[str, ...] = ("https",), looks_like: str = "") -> SplitResult:
    """Raise ConfigurationError unless the URL has one of the schemes and names a host; return its parts."""
    example = f" It looks like {looks_like}" if looks_like else ""
    try:
        parts = urlsplit(endpoint.url)
        _ = parts.port
    except ValueError:
        raise wrong(endpoint, f"the url cannot be read.{example}") from None
    if parts.scheme not in schemes or not parts.hostname:
        starts = " or ".join(f"{scheme}://" for scheme in schemes)
        raise wrong(endpoint, f"the url must start with {starts} and name a host.{example}")
    return parts


def check_secret(endpoint: Endpoint, shape: re.Pattern[str], looks_like: str, *, required: bool) -> None:
    """Raise ConfigurationError unless there is at most one secret, or exactly one, and it has the shape."""
    if required and not endpoint.secrets:
        raise wrong(endpoint, f"{endpoint.channel} needs a secret: {looks_like}.")
    if len(endpoint.secrets) > 1:
        raise wrong(endpoint, f"{endpoint.channel} takes one secret, and there are {len(endpoint.secrets)}.")
    if any(not shape.fullmatch(secret) for secret in endpoint.secrets):
        raise wrong(endpoint, f"the secret is not {looks_like}.")


def check_no_secret(endpoint: Endpoint) -> None:
    """Raise ConfigurationError if there is a secret: for services whose URL is the secret."""
    if endpoint.secrets:
        raise wrong(endpoint, f"{endpoint.channel} takes no secret: its url is the secret.")


def first_secret(endpoint: Endpoint) -> str:
    """Return the secret in use, empty if there is none."""
    return endpoint.secrets[0] if endpoint.secrets else ""
