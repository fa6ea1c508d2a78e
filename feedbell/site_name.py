"""What messages say of the site, also on machines that do not have it."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from core.db import reading, writing
from core.errors import ConfigurationError
from feedbell.site import zone_of
from feeds.store import windows

_REMEMBERED = ("site.title", "site.url", "site.zone")


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteName:
    """The site's title and address, and the zone of times that name none."""

    title: str
    url: str
    zone: ZoneInfo


def remember(engine: Engine, site: SiteName) -> None:
    """Let workers know what messages say of the site."""
    with writing(engine) as connection:
        for name, value in zip(_REMEMBERED, (site.title, site.url, site.zone.key), strict=True):
            windows.remember_build_setting(connection, name, value)


def recall(engine: Engine) -> SiteName:
    """Return what was remembered. Raises ConfigurationError if nothing was yet."""
    with reading(engine) as connection:
        title, url, zone = (windows.build_setting(connection, name) for name in _REMEMBERED)
    if title is None or url is None or zone is None:
        raise ConfigurationError("the database knows no site yet: run `feedbell once` or `feedbell run` with it first")
    return SiteName(title=title, url=url, zone=zone_of(zone))
