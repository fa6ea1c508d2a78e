"""How an e-mail is written: headers, plain text, HTML. Nothing in a post can add a header or a recipient. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, getaddresses
from hashlib import sha256
from html import escape
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from notifier.channels import wording
from notifier.channels.links import link
from notifier.channels.text import cut, plain
from notifier.model import Item, Message

# Not every server takes 8-bit texts (RFC 6152); base64 and quoted-printable pass everywhere.
_POLICY = SMTP.clone(cte_type="7bit")
_SUBJECT, _TITLE, _SUMMARY, _DIGEST_SUMMARY = 200, 500, 4000, 200
_HTML = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><title>{subject}</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f5f7;color:#1d2125;\
font:16px/1.5 -apple-system,'Segoe UI',Roboto,'PingFang SC','Noto Sans CJK SC',sans-serif">
<div style="max-width:600px;margin:0 auto;padding:24px;background:#fff;border-radius:8px">
{body}
</div></body></html>
"""
_LINK = "color:#1a5fb4;text-decoration:none"
_SMALL = "margin:4px 0 0;color:#626870;font-size:14px"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """All that an e-mail is written from. `text` is what a template wrote, and goes out alone."""

    message: Message
    items: tuple[Item, ...]
    left_out: int
    sender: Address
    recipients: tuple[Address, ...]
    endpoint: str
    zone: ZoneInfo
    at: datetime
    text: str | None


def read_addresses(text: str) -> tuple[Address, ...]:
    """Return the addresses in a list with commas; raises ValueError, which says what is wrong with one.

    Domains of any script are put in the form that every server knows.
    """
    if re.search(r"[\x00-\x1f\x7f]", text):
        raise ValueError("it holds a control character")
    found = [(name, address) for name, address in getaddresses([text]) if address]
    if not found:
        raise ValueError("it holds no address")
    return tuple(_address(name, address) for name, address in found)


def _address(name: str, address: str) -> Address:
    user, at, domain = address.rpartition("@")
    if not at or not user or not domain:
        raise ValueError(f"{address!r} is no address")
    if not user.isascii():
        raise ValueError(f"{address!r}: what stands before the @ must be ASCII")
    try:
        return Address(display_name=_undecoded(name), username=user.strip('"'), domain=domain.encode("idna").decode())
    except (MessageError, ValueError, IndexError):
        raise ValueError(f"{address!r} is no address") from None


def written_letter(letter: Letter) -> bytes:
    """Return the whole message with CR LF at the end of each line: the same for the same letter."""
    subject = _subject(letter)
    mail = EmailMessage(policy=_POLICY)
    mail["Subject"] = _undecoded(subject)
    mail["From"] = letter.sender
    mail["To"] = letter.recipients
    mail["Date"] = format_datetime(letter.at)
    mail["Message-ID"] = _message_id(letter)
    mail["List-Id"] = _list_id(letter)
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail.set_content(_plain_text(letter) if letter.text is None else letter.text)
    if letter.text is None:
        mail.add_alternative(_html(letter, subject), subtype="html")
        mail.set_boundary(f"={sha256(letter.message.id.encode()).hexdigest()[:40]}")
    return mail.as_bytes()


def _subject(letter: Letter) -> str:
    if letter.message.digest:
        return cut(wording.heading(letter.message, letter.items), _SUBJECT)
    item = letter.items[0]
    return cut(wording.label(item) + wording.title(item), _SUBJECT)


def _undecoded(text: str) -> str:
    """Return the text with a joiner in what looks like an encoded word (RFC 2047).

    The library would decode one, and before Python 3.11.10 write a line break that it holds as a line break.
    """
    return text.replace("=?", "=\u2060?")


def _message_id(letter: Letter) -> str:
    """The same at each attempt, so that a mailbox knows a message that comes twice (RFC 5322, section 3.6.4)."""
    return f"<{sha256(letter.message.id.encode()).hexdigest()[:40]}@{letter.sender.domain}>"


def _list_id(letter: Letter) -> str:
    """One for each endpoint of a site, for the filters of mailboxes (RFC 2919)."""
    site = urlsplit(link(letter.message.site_url)).hostname or letter.sender.domain
    label = re.sub(r"[^a-z0-9-]+", "-", letter.endpoint.lower()).strip("-")
    return f"<{label or sha256(letter.endpoint.encode()).hexdigest()[:8]}.feedbell.{site}>"


def _plain_text(letter: Letter) -> str:
    if not letter.message.digest:
        item = letter.items[0]
        parts = (_titled(item), cut(plain(item.summary), _SUMMARY), link(item.url), wording.details(item, letter.zone))
        return "\n\n".join(filter(None, parts)) + "\n"
    head = wording.heading(letter.message, letter.items)
    items = (f"* {_titled(item)}\n  {link(item.url)}".rstrip() for item in letter.items)
    return "\n\n".join((head, *items, *_more(letter))) + "\n"


def _html(letter: Letter, subject: str) -> str:
    if letter.message.digest:
        items = "\n".join(f'<li style="margin:0 0 14px">{_html_line(item, letter.zone)}</li>' for item in letter.items)
        head = f'<h1 style="margin:0 0 16px;font-size:20px">{escape(subject)}</h1>'
        list_ = f'<ul style="margin:0;padding:0 0 0 20px">\n{items}\n</ul>'
        body = "\n".join((head, list_, *(f'<p style="{_SMALL}">{escape(more)}</p>' for more in _more(letter))))
    else:
        body = _html_item(letter.items[0], letter.zone)
    language = next((item.language for item in letter.items if item.language), "en")
    return _HTML.format(language=escape(plain(language)), subject=escape(subject), body=body)


def _html_item(item: Item, zone: ZoneInfo) -> str:
    parts = [f'<h1 style="margin:0 0 12px;font-size:22px;line-height:1.3">{_html_link(item)}</h1>']
    if item.image and (picture := link(item.image)):
        style = "max-width:100%;border-radius:6px"
        parts.append(f'<p style="margin:0 0 12px"><img src="{escape(picture)}" alt="" style="{style}"></p>')
    if summary := cut(plain(item.summary), _SUMMARY):
        parts.append(f'<p style="margin:0 0 12px">{escape(summary)}</p>')
    if details := wording.details(item, zone):
        parts.append(f'<p style="{_SMALL}">{escape(details)}</p>')
    return "\n".join(parts)


def _html_line(item: Item, zone: ZoneInfo) -> str:
    small = (wording.details(item, zone), cut(plain(item.summary), _DIGEST_SUMMARY))
    return _html_link(item) + "".join(f'<p style="{_SMALL}">{escape(text)}</p>' for text in small if text)


def _html_link(item: Item) -> str:
    title, url = escape(cut(wording.title(item), _TITLE)), link(item.url)
    shown = f'<a href="{escape(url)}" style="{_LINK}">{title}</a>' if url else title
    return escape(wording.label(item)) + shown


def _titled(item: Item) -> str:
    return wording.label(item) + cut(wording.title(item), _TITLE)


def _more(letter: Letter) -> Iterable[str]:
    return [wording.words_for(letter.items).more.format(letter.left_out)] if letter.left_out else []
