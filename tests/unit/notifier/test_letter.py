"""E-mails, read by the standard library's parser."""

from dataclasses import replace
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.exchange import Mail
from notifier.channels.email import EmailChannel
from notifier.channels.letter import read_addresses
from notifier.model import Message
from tests.support.items import HOSTILE, POST, digest, message, posts
from tests.support.services import AT, endpoint, mail_shown


def mailed(told: Message, **changes: Any) -> Mail:
    return EmailChannel().request(told, endpoint("email", **changes), AT)


def read(mail: Mail) -> EmailMessage:
    found = message_from_bytes(mail.body, policy=default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def test_the_headers_of_a_post() -> None:
    mail = mailed(message(POST))
    read_mail = read(mail)
    assert read_mail["subject"] == POST.title
    assert str(read_mail["from"]) == "编辑部 <news@example.org>"
    assert [address.addr_spec for address in read_mail["to"].addresses] == list(mail.recipients)
    assert mail.recipients == ("reader@example.org", "b@xn--bcher-kva.example")
    assert mail.sender == "news@example.org"
    assert read_mail["date"].datetime == AT
    assert read_mail["message-id"].endswith("@example.org>")
    assert read_mail["list-id"] == "<desk.feedbell.news.example>"
    assert read_mail["auto-submitted"] == "auto-generated"


def test_a_message_keeps_its_id_at_each_attempt_and_no_other_has_it() -> None:
    first, again, other = mailed(message(POST)), mailed(message(POST)), mailed(message(POST, id="msg_2"))
    assert first.body == again.body
    assert read(first)["message-id"] != read(other)["message-id"]


def test_both_parts_say_the_same() -> None:
    plain = read(mailed(message(POST))).get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == [
        *(POST.title, "", POST.summary, "", POST.url, "", "央行动态 · 编辑部 · 2022-02-23 10:29"),
    ]
    shown = mail_shown(mailed(message(POST)).body)
    assert shown.links == [(POST.title, POST.url)]
    assert POST.summary in shown.text
    assert shown.pictures == [POST.image]


def test_lines_end_as_smtp_wants_and_are_seven_bit_and_short() -> None:
    body = mailed(digest(posts(200))).body
    assert body.isascii()
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(map(len, body.split(b"\r\n"))) <= 998


def test_more_than_two_hundred_are_counted() -> None:
    assert "还有 50 篇" in mail_shown(mailed(digest(posts(250))).body).text


@pytest.mark.parametrize(
    "title",
    [
        "x\r\nBcc: victim@example.org",
        "x\n\n<script>",
        "=?utf-8?q?=0ABcc:_x?=",
        HOSTILE,
        "央" * 10_000,
        "x" * 10_000,
        '"',
    ],
)
def test_no_title_adds_a_header(title: str) -> None:
    hostile = replace(POST, title=title)
    for told in (message(hostile, title=title, site_url=title), digest([hostile, *posts(1)], title=title)):
        mail = read(mailed(told))
        assert not {"bcc", "cc"} & {name.lower() for name in mail}
        assert len([name for name in mail if name.lower() == "subject"]) == 1
        assert len(mail["subject"]) <= 200


@settings(deadline=None)
@given(st.text(), st.text())
def test_any_title_and_endpoint_give_a_letter_without_defects(title: str, name: str) -> None:
    read(mailed(message(replace(POST, title=title, summary=title), title=title), name=name))


def test_a_template_is_the_plain_text_alone() -> None:
    mail = read(mailed(message(POST), template="{{ item.title }}\n<{{ item.url }}>"))
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content().splitlines() == [POST.title, f"<{POST.url}>"]


def test_how_the_server_is_spoken_to() -> None:
    options = {"from": "a@b.example", "to": "c@b.example", "user": "me", "starttls": "no"}
    mail = mailed(message(POST), options=options, secrets=("hunter2",), timeout=7.5)
    assert (mail.user, mail.password, mail.starttls, mail.deadline) == ("me", "hunter2", False, 7.5)
    assert "hunter2" not in repr(mail)
    anonymous = mailed(message(POST))
    assert (anonymous.user, anonymous.password, anonymous.starttls) == (None, None, True)


def test_addresses_are_read_with_their_names() -> None:
    assert read_addresses('"Doe, J." <j@example.org>, k@münchen.example') == (
        Address("Doe, J.", "j", "example.org"),
        Address("", "k", "xn--mnchen-3ya.example"),
    )
