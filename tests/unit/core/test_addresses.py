"""Which addresses and URLs are refused: a table by hand from the IANA special-purpose registries."""

from ipaddress import IPv4Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.addresses import AddressPolicy, IpAddress
from core.errors import ConfigurationError
from core.targets import address_for_people, why_target_refused

PUBLIC_ONLY = AddressPolicy()
LOOPBACK = AddressPolicy.parse(["127.0.0.0/8"])

REFUSED = """\
0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8 192.0.2.1
192.168.1.1 192.88.99.1 198.18.0.1 198.51.100.7 203.0.113.9 224.0.0.1 239.1.2.3 240.0.0.1 255.255.255.255
:: ::1 ::ffff:10.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe
64:ff9b:1::1 100::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2001:0:4136:e378:8000:63bf:80ff:fffe fc00::1 fd12:3456::1
fe80::1 fec0::1 ff02::1 3fff::1 5f00::1
"""
ALLOWED = "1.1.1.1 8.8.8.8 93.184.216.34 172.32.0.1 2606:4700:4700::1111 ::ffff:8.8.8.8 64:ff9b::808:808"


@pytest.mark.parametrize("text", REFUSED.split())
def test_addresses_that_are_not_public_are_refused(text: str) -> None:
    assert PUBLIC_ONLY.why_refused(ip_address(text))


@pytest.mark.parametrize("text", ALLOWED.split())
def test_public_addresses_are_allowed(text: str) -> None:
    assert PUBLIC_ONLY.why_refused(ip_address(text)) is None


@pytest.mark.parametrize("text", ["127.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"])
def test_an_allowed_network_permits_its_addresses_however_wrapped(text: str) -> None:
    assert LOOPBACK.why_refused(ip_address(text)) is None
    assert LOOPBACK.why_refused(ip_address("10.0.0.1"))
    assert LOOPBACK.why_refused(ip_address("::1")) == "loopback"


@given(st.ip_addresses(v=4))
def test_wrapping_changes_no_answer(address: IPv4Address) -> None:
    wrapped = ip_address(f"::ffff:{address}")
    assert PUBLIC_ONLY.why_refused(wrapped) == PUBLIC_ONLY.why_refused(address)


def test_a_network_that_is_none_is_named() -> None:
    with pytest.raises(ConfigurationError, match=r"10\.0\.0\.1/8"):
        AddressPolicy.parse(["10.0.0.1/8"])


def unresolved(host: str) -> tuple[IpAddress, ...]:
    raise OSError(host)


def private(host: str) -> tuple[IpAddress, ...]:
    return (ip_address("10.1.2.3"),)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/hook",
        "http://127.1/hook",
        "http://0x7f.1/hook",
        "http://2130706433/hook",
        "http://0177.0.0.1/hook",
        "http://１２７.0.0.1/hook",
        "http://[::1]/hook",
        "http://[::ffff:10.0.0.1]/hook",
        "http://localhost:8080/hook",
        "http://LOCALHOST./hook",
        "http://a.localhost/hook",
        "http://169.254.169.254/latest/hook",
        "ftp://example.com/hook",
        "file:///hook",
        "//example.com/hook",
        "http:///hook",
        "http://example.com:99999/hook",
        "http://[::1/hook",
        "https://user:hook@example.com/",
        "https://example.com/hook\r\nX-Evil: 1",
        "https://example.com/ho ok",
        "https://example.com\\@127.0.0.1/hook",
    ],
)
def test_refused_targets_are_told_without_their_path(url: str) -> None:
    reason = why_target_refused(url, PUBLIC_ONLY, resolver=unresolved)
    assert reason
    assert "hook" not in reason
    assert "\r" not in reason


def test_a_name_is_judged_by_its_address_and_one_without_address_is_let_through() -> None:
    url = "https://hooks.example.com/hook"
    assert "10.1.2.3" in str(why_target_refused(url, PUBLIC_ONLY, resolver=private))
    assert why_target_refused(url, PUBLIC_ONLY, resolver=unresolved) is None
    assert why_target_refused(url, AddressPolicy.parse(["10.0.0.0/8"]), resolver=private) is None
    assert why_target_refused("http://localhost/hook", LOOPBACK, resolver=unresolved) is None


@pytest.mark.parametrize("url", ["https://user:hook@example.com/hook?hook#hook", "https://example.com:1/hook"])
def test_what_people_are_shown_holds_no_secret(url: str) -> None:
    assert address_for_people(url) == "https://example.com"
