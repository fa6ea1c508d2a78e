"""E-mail: a message in plain text and HTML, for an SMTP server. Checks what is configured, and makes requests."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from core.exchange import HttpResult, Mail
from notifier import templates
from notifier.channels.answers import outcome, refused
from notifier.channels.checking import check_options, check_url, first_secret, wrong
from notifier.channels.digest import latest
from notifier.channels.letter import Letter, read_addresses, written_letter
from notifier.limits import Rate
from notifier.model import Endpoint, Item, Message, Outcome

_SWITCH = {"yes": True, "no": False}
_LARGEST_DIGEST = 200


class EmailChannel:
    """A server takes megabytes; what limits a digest is what people read."""

    rate: Rate | None = None
    reads_items = True
    options: ClassVar[Mapping[str, str]] = {
        "to": "who gets it; several addresses with commas between",
        "from": "the sender's address, with a name or without",
        "user": "who signs in at the server; the secret is the password",
        "starttls": "yes (the default) or no: whether smtp:// must become encrypted",
    }
    required: tuple[str, ...] = ("to", "from")

    def check(self, endpoint: Endpoint) -> None:
        check_options(endpoint, self.options, self.required)
        parts = check_url(endpoint, schemes=("smtps", "smtp"), looks_like="smtps://mail.example.org or smtp://…:587")
        if parts.username or parts.password:
            raise wrong(endpoint, "no user or password may stand in the url: use the option 'user' and the secret.")
        for option in ("to", "from"):
            try:
                addresses = read_addresses(endpoint.options[option])
            except ValueError as error:
                raise wrong(endpoint, f"the option {option!r}: {error}.") from None
            if option == "from" and len(addresses) != 1:
                raise wrong(endpoint, "the option 'from' is one address.")
        self._check_sign_in(endpoint)
        templates.check(endpoint, _unchanged)

    def _check_sign_in(self, endpoint: Endpoint) -> None:
        if endpoint.options.get("starttls", "yes") not in _SWITCH:
            raise wrong(endpoint, "the option 'starttls' is yes or no.")
        if bool(endpoint.options.get("user")) != bool(endpoint.secrets):
            raise wrong(endpoint, "the option 'user' and a secret, the password, go together.")
        if len(endpoint.secrets) > 1:
            raise wrong(endpoint, "email takes one secret, the password.")
        if any(re.search(r"[\x00-\x1f\x7f]", text) for text in (*endpoint.secrets, endpoint.options.get("user", ""))):
            raise wrong(endpoint, "user and password may hold no control characters.")

    def capacity(self, items: Sequence[Item], endpoint: Endpoint) -> int:
        return max(min(len(items), _LARGEST_DIGEST), 1)

    def request(self, message: Message, endpoint: Endpoint, at: datetime) -> Mail:
        items = latest(message.items) if message.digest else message.items
        (sender,) = read_addresses(endpoint.options["from"])
        recipients = read_addresses(endpoint.options["to"])
        letter = Letter(
            message=message,
            items=items[:_LARGEST_DIGEST],
            left_out=len(items[_LARGEST_DIGEST:]),
            sender=sender,
            recipients=recipients,
            endpoint=endpoint.name,
            zone=endpoint.zone,
            at=at,
            text=templates.written(message, items, endpoint, _unchanged),
        )
        return Mail(
            url=endpoint.url,
            sender=sender.addr_spec,
            recipients=tuple(address.addr_spec for address in recipients),
            body=written_letter(letter),
            starttls=_SWITCH[endpoint.options.get("starttls", "yes")],
            user=endpoint.options.get("user"),
            password=first_secret(endpoint) or None,
            deadline=endpoint.timeout,
        )

    def outcome(self, result: HttpResult) -> Outcome:
        # SMTP's 2xx is success too; what a server says to the rest is a line for people (RFC 5321, section 4.2).
        if result.status is None or 200 <= result.status < 300:
            return outcome(result)
        return refused(result, result.excerpt.decode(errors="replace"))


def _unchanged(text: str) -> str:
    return text
