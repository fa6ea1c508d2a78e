"""One contract for all channels, each against a receiver that does what its service documents."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import unquote

import pytest

from core.addresses import AddressPolicy
from core.http import HttpClient
from notifier.channels.channel import Channel
from notifier.channels.registry import CHANNEL_NAMES, channel_named
from notifier.model import Item, Message, Outcome
from tests.support.items import HOSTILE, HOSTILE_URL, POST, digest, message, posts
from tests.support.service_rules import Mood, Shown
from tests.support.services import AT, SECRETS, SERVICES, Service, running_service

_WITHOUT_PICTURES = {"wecom", "feishu"}
# Of the addresses of a digest, WeCom's 4096 bytes and ntfy's hold about so many.
_FEW = {"wecom": 20, "ntfy": 20, "discord": 35}


@pytest.fixture(scope="module")
def client() -> Iterator[HttpClient]:
    opened = HttpClient(policy=AddressPolicy.parse(["127.0.0.0/8"]))
    yield opened
    opened.close()


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    with running_service(request.param) as running:
        yield running


@pytest.fixture
def channel(service: Service) -> Channel:
    found = channel_named(service.name)
    assert hasattr(found, "request")
    return found


def tell(channel: Channel, service: Service, client: HttpClient, told: Message) -> Outcome:
    return channel.outcome(service.carry(channel.request(told, service.endpoint, AT), client))


def take(channel: Channel, service: Service, client: HttpClient, told: Message) -> Shown:
    """Tell, and return what readers see; the service must have taken it."""
    outcome = tell(channel, service, client, told)
    shown = service.shown
    assert shown is not None, outcome
    assert outcome.status in (200, 202, 250)
    assert (outcome.error, outcome.rejected, outcome.gone) == (None, False, False)
    return shown


def literal(text: str) -> str:
    """The text without the ways in which a service is kept from reading markup: wide forms and joiners."""
    return unicodedata.normalize("NFKC", text).replace("\u2060", "")


def linked(shown: Shown, title: str, url: str) -> bool:
    return any(literal(title) in literal(text) and href == url for text, href in shown.links)


def test_every_channel_but_the_plain_webhook_and_apprise_is_held_to_this_contract() -> None:
    assert {*SERVICES, "webhook", "apprise"} == set(CHANNEL_NAMES)


def test_a_post_shows_its_title_as_a_link_its_summary_and_where_it_stands(
    channel: Channel, service: Service, client: HttpClient
) -> None:
    shown = take(channel, service, client, message(POST))
    assert linked(shown, POST.title, POST.url)
    text = literal(shown.text)
    for part in (POST.summary[:20], "央行动态", "编辑部", "2022-02-23"):
        assert literal(part) in text
    assert shown.pictures == ([] if service.name in _WITHOUT_PICTURES else [POST.image])


def test_a_digest_shows_each_post_whole(channel: Channel, service: Service, client: HttpClient) -> None:
    items = posts(40)
    count = channel.capacity(items, service.endpoint)
    assert count >= _FEW.get(service.name, 40)
    shown = take(channel, service, client, digest(items[:count]))
    assert literal(f"财经快讯：{count} 篇新文章") in literal(shown.text)
    for item in items[:count]:
        assert linked(shown, item.title, item.url)


def test_more_than_fits_is_counted_rather_than_cut(channel: Channel, service: Service, client: HttpClient) -> None:
    items = posts(300)
    shown = take(channel, service, client, digest(items))
    left = 300 - channel.capacity(items, service.endpoint)
    assert f"还有 {left} 篇" in shown.text


def test_of_a_post_that_changed_within_a_digest_the_last_state_is_shown_once(
    channel: Channel, service: Service, client: HttpClient
) -> None:
    first, second = posts(2)
    changed = replace(first, kind="updated", title="改过的标题")
    shown = take(channel, service, client, digest([first, second, changed]))
    assert literal(first.title) not in literal(shown.text)
    assert literal("已更新：") in literal(shown.text)
    assert [url for text, url in shown.links if text].count(first.url) == 1


def test_a_huge_title_and_summary_are_cut(channel: Channel, service: Service, client: HttpClient) -> None:
    item = replace(POST, title="央行👨‍👩‍👧‍👦" * 2500, summary="<&>\"'😀" * 3000)
    shown = take(channel, service, client, message(item))
    assert "…" in shown.text
    assert "央行👨‍👩‍👧‍👦央行" in shown.text
    shown = take(channel, service, client, digest([item, *posts(3)]))
    assert linked(shown, posts(3)[2].title, posts(3)[2].url)


@pytest.mark.parametrize("many", [False, True], ids=["single", "digest"])
def test_a_hostile_post_shows_literally_and_pings_nobody(
    channel: Channel, service: Service, client: HttpClient, many: bool
) -> None:
    item = replace(POST, title=HOSTILE, summary=HOSTILE, url=HOSTILE_URL, categories=(HOSTILE,), image=HOSTILE_URL)
    shown = take(channel, service, client, digest([item, *posts(1)]) if many else message(item))
    title = literal(HOSTILE)
    assert title in literal(shown.text)
    if service.name != "discord" or not many:
        # The receivers themselves look for mentions.
        assert title in literal(shown.links[0][0])
    assert unquote(shown.links[0][1]) == HOSTILE_URL


@pytest.mark.parametrize("title", ["", "  \n\t ", "\u202e\u200b\x00"])
def test_a_post_without_a_title_is_named_by_its_address(
    channel: Channel, service: Service, client: HttpClient, title: str
) -> None:
    item = replace(POST, title=title, summary="")
    assert POST.url in take(channel, service, client, message(item)).text
    assert POST.url in take(channel, service, client, digest([item, *posts(1)])).text


def test_line_breaks_and_control_characters_leave_a_title_of_one_line(
    channel: Channel, service: Service, client: HttpClient
) -> None:
    item = replace(POST, title="a\r\nBcc: x@example.org\x08\x1b[31m \u202eevil\u2028end")
    assert "a Bcc: x@example.org[31m evil end" in literal(take(channel, service, client, message(item)).text)


@pytest.mark.parametrize(("kind", "said"), [("updated", "已更新："), ("withdrawn", "已撤回：")])
def test_a_change_and_a_withdrawal_say_so(
    channel: Channel, service: Service, client: HttpClient, kind: str, said: str
) -> None:
    item = replace(POST, kind=kind)
    assert literal(said + POST.title) in literal(take(channel, service, client, message(item)).text)
    english = replace(item, language="en")
    word = {"updated": "Updated: ", "withdrawn": "Withdrawn: "}[kind]
    assert literal(word + POST.title) in literal(take(channel, service, client, message(english)).text)


def test_a_notice_needs_neither_address_nor_date(channel: Channel, service: Service, client: HttpClient) -> None:
    notice = Item(kind="test", title="A test message", url="")
    assert "A test message" in take(channel, service, client, message(notice, title="", site_url="")).text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x.example/" + "a" * 5000, "http://[", "mailto:a@b.c"])
def test_an_address_that_cannot_be_linked_leaves_the_title_alone(
    channel: Channel, service: Service, client: HttpClient, url: str
) -> None:
    item = replace(POST, url=url, image=url)
    shown = take(channel, service, client, message(item))
    assert literal(POST.title) in literal(shown.text)
    assert not shown.links
    assert not shown.pictures


def test_too_many_messages_mean_to_wait(channel: Channel, service: Service, client: HttpClient) -> None:
    service.mood = Mood.LIMITED
    outcome = tell(channel, service, client, message(POST))
    assert not taken(outcome)
    assert not outcome.gone
    waits = {"slack": "30", "discord": "65", "telegram": "35", "teams": "20", "dingtalk": "600", "ntfy": "5"}
    expected = {"email": None, "feishu": "60", "wecom": "60", **waits}
    assert outcome.retry_after == expected[service.name]


def test_a_refused_message_is_a_failure_whatever_the_status_says(
    channel: Channel, service: Service, client: HttpClient
) -> None:
    service.mood = Mood.REJECTING
    outcome = tell(channel, service, client, message(POST))
    assert not taken(outcome)
    assert not outcome.gone
    assert outcome.reason
    assert outcome.rejected == (service.name in {"dingtalk", "feishu", "wecom", "teams"})


def test_an_endpoint_that_is_no_more_is_known_as_such(channel: Channel, service: Service, client: HttpClient) -> None:
    service.mood = Mood.GONE
    outcome = tell(channel, service, client, message(POST))
    assert not taken(outcome)
    # A topic of ntfy and a mailbox may be forbidden today and open tomorrow.
    assert outcome.gone == (service.name not in {"ntfy", "email"})
    assert outcome.reason


@pytest.mark.parametrize("mood", list(Mood))
def test_no_secret_stands_in_what_is_kept(channel: Channel, service: Service, client: HttpClient, mood: Mood) -> None:
    service.mood = mood
    outcome = tell(channel, service, client, message(POST))
    kept = outcome.reason + outcome.excerpt.decode() + repr(channel.request(message(POST), service.endpoint, AT))
    assert not [secret for secret in SECRETS if secret in kept]
    assert "sign=" not in outcome.reason.replace("sign=…", "")


def test_the_same_message_is_the_same_request(channel: Channel, service: Service) -> None:
    told = digest(posts(5))
    assert channel.request(told, service.endpoint, AT) == channel.request(told, service.endpoint, AT)


def taken(outcome: Outcome) -> bool:
    return outcome.status is not None and 200 <= outcome.status < 300 and not outcome.rejected
