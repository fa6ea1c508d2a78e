"""Which hubs our feeds name, and what they are called as endpoints. Pure."""

from urllib.parse import urlsplit

from feedbell.settings import Settings
from notifier.model import Endpoint

HUB_PATH = "/hub"  # below the public address
PUBLIC = "hub:"  # begins the names of public hubs as endpoints
_PING_CHANNEL = "websub-ping"


def own_hub(settings: Settings) -> str | None:
    """Return the address of the hub of our own, if there is one."""
    if not settings.hub.enabled or settings.public_url is None:
        return None
    return settings.public_url.rstrip("/") + HUB_PATH


def hub_urls(settings: Settings) -> tuple[str, ...]:
    """Return the hubs where one can subscribe to our feeds, our own first."""
    own = own_hub(settings)
    return tuple(dict.fromkeys([*([own] if own else []), *settings.hub.ping]))


def ping_endpoints(settings: Settings) -> list[Endpoint]:
    """Return the public hubs as endpoints: `hub:HOST`, and with a number where one host has several."""
    found: dict[str, Endpoint] = {}
    for url in dict.fromkeys(settings.hub.ping):
        name = first = f"{PUBLIC}{urlsplit(url).hostname}"
        number = 1
        while name in found:
            number += 1
            name = f"{first}-{number}"
        found[name] = Endpoint(name=name, url=url, channel=_PING_CHANNEL, concurrency=1)
    return list(found.values())
