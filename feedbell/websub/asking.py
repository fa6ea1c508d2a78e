"""What a hub is asked by a POST request, read as the Recommendation has it (W3C WebSub, section 5.1). Pure."""

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from core.targets import why_form_refused
from notifier.hub_requests import Mode

FORM = "application/x-www-form-urlencoded"
_MOST_FIELDS = 100
_LONGEST_URL = 2000  # characters
_SECRET_BYTES = 200  # fewer than that
_POSITIVE = re.compile(r"0*[1-9][0-9]{0,17}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request of which each part is as it must be by itself."""

    mode: Mode
    topic: str
    callback: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    lease_seconds: int | None = None

    @property
    def host(self) -> str:
        """The callback's host, by which limits count."""
        return (urlsplit(self.callback).hostname or "").rstrip(".")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why something is not done, for the developer on the other side."""

    status: int
    reason: str
    wait: int | None = None  # seconds


class Publish:
    """Says that a topic changed. We know that of our own feeds."""


def read_form(content_type: str, body: bytes) -> Asked | Publish | Refusal:
    """Read a request. Parameters that nobody knows are ignored; of one that comes twice the first counts."""
    if content_type.partition(";")[0].strip().lower() != FORM:
        return Refusal(status=415, reason=f"Send the parameters as {FORM}.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)
    except ValueError:
        return Refusal(status=400, reason="The body is no form in UTF-8, or has too many fields.")
    fields: dict[str, str] = {}
    for name, value in pairs:
        fields.setdefault(name, value)
    mode = fields.get("hub.mode", "")
    if mode == "publish":
        return Publish()
    if mode not in (Mode.SUBSCRIBE, Mode.UNSUBSCRIBE):
        return Refusal(status=400, reason="hub.mode must be subscribe or unsubscribe.")
    return _read(Mode(mode), fields)


def _read(mode: Mode, fields: dict[str, str]) -> Asked | Refusal:
    topic, callback = fields.get("hub.topic", ""), fields.get("hub.callback", "")
    if not topic:
        return Refusal(
            status=400, reason="hub.topic is missing: the address that the feed gives as its own (rel=self)."
        )
    if reason := _why_callback_refused(callback):
        return Refusal(status=400, reason=f"hub.callback: {reason}.")
    if mode is Mode.UNSUBSCRIBE:
        return Asked(mode=mode, topic=topic, callback=callback)
    lease, secret = fields.get("hub.lease_seconds", ""), fields.get("hub.secret", "")
    if lease and not _POSITIVE.fullmatch(lease):
        return Refusal(status=400, reason="hub.lease_seconds must be a positive whole number.")
    if len(secret.encode()) >= _SECRET_BYTES:
        return Refusal(status=400, reason=f"hub.secret must have fewer than {_SECRET_BYTES} bytes.")
    if "\0" in secret:
        return Refusal(status=400, reason="hub.secret must not hold NUL.")
    return Asked(
        mode=mode,
        topic=topic,
        callback=callback,
        secret=secret or None,
        lease_seconds=int(lease) if lease else None,
    )


def _why_callback_refused(callback: str) -> str | None:
    if not callback:
        return "it is missing"
    if len(callback) > _LONGEST_URL:
        return f"it has more than {_LONGEST_URL} characters"
    if not callback.isascii():
        return "characters beyond ASCII must be percent-encoded"
    if "#" in callback:
        return "it must have no fragment"
    return why_form_refused(callback)
