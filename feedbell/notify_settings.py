"""What people write in feedbell.toml of whom to tell, what and how."""

import os
import re
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator

from core.errors import ConfigurationError
from feedbell.sections import Section, read_by
from notifier.limits import UTC_ZONE, read_quiet_hours, read_rate

_DURATION = re.compile(r"(\d{1,6}(?:\.\d+)?)\s*([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def read_duration(value: Any) -> timedelta:
    """Read `90s`, `30m`, `1h`, `5d` or a number of seconds; raises ValueError that says what can be written."""
    if isinstance(value, timedelta):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e9:
        return timedelta(seconds=value)
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write a time as a number and s, m, h or d, such as 90s, 1h or 5d")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


Duration = Annotated[timedelta, BeforeValidator(read_duration)]


class SecretSource(Section):
    """A secret that stands elsewhere."""

    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> "SecretSource":
        if (self.env is None) == (self.file is None):
            raise ValueError("give either env or file")
        return self


Secret = SecretStr | SecretSource


class EndpointSettings(Section):
    """Whom to tell."""

    name: str = Field(min_length=1, max_length=100, pattern=r"^[\w.-]+$")
    channel: str = "webhook"
    url: Secret | None = None  # may hold a token
    secret: Secret | tuple[Secret, ...] = ()
    options: dict[str, str] = Field(default_factory=dict)
    content: bool = False
    template: str | None = None
    digest_template: str | None = None
    timeout_seconds: float = Field(default=20, gt=0, le=120)
    concurrency: int = Field(default=2, ge=1, le=100)
    rate: Annotated[str, AfterValidator(read_by(read_rate))] | None = None
    burst: int | None = Field(default=None, ge=1)
    overflow: Literal["digest", "wait"] = "digest"
    quiet_hours: Annotated[str, AfterValidator(read_by(partial(read_quiet_hours, zone=UTC_ZONE)))] | None = None
    timezone: str | None = None


_Wait = Annotated[float, Field(ge=0, le=2_592_000)]


class DeliverySettings(Section):
    """How deliveries are sent and how long they are remembered."""

    retry_seconds: tuple[Annotated[float, Field(ge=0, le=2_592_000)], ...] = (
        5,
        300,
        1800,
        7200,
        18000,
        36000,
        50400,
        72000,
        86400,
    )
    in_flight: int = Field(default=1000, ge=1, le=10_000)
    workers: int = Field(default=32, ge=1, le=512)
    disable_after: Duration = timedelta(days=5)
    update_quiet: Duration = timedelta(hours=1)
    keep_days: int = Field(default=30, ge=1)


class MissingSecret(ConfigurationError):
    """A secret is not where the settings say, which it may be on another machine."""


def reveal(secret: Secret, folder: Path, endpoint: str, key: str = "secret") -> str:
    """Return a secret's value; files are looked for beside the configuration.

    Raises MissingSecret, which never shows the secret.
    """
    if isinstance(secret, SecretStr):
        return secret.get_secret_value()
    if secret.env is not None:
        value = os.environ.get(secret.env)
        if not value:
            raise MissingSecret(f"endpoints.{endpoint}.{key}: the environment has no {secret.env}; set it")
        return value.strip()
    assert secret.file is not None  # the validator saw to it
    try:
        return (folder / secret.file).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise MissingSecret(f"endpoints.{endpoint}.{key}: cannot read {secret.file}: {error}") from error
