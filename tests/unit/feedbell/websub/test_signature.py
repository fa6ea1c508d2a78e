"""Signatures as another program makes them: `openssl dgst -sha256 -hmac SECRET`, and so on."""

import subprocess

import pytest

from feedbell.websub.signature import is_signed

BODY, SECRET = b"The quick brown fox jumps over the lazy dog", "key"
BY_OPENSSL = {
    "sha1": "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9",
    "sha256": "f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8",
    "sha384": "d7f4727e2c0b39ae0f1e40cc96f60242d5b7801841cea6fc592c5d3e1ae50700582a96cf35e1e554995fe4e03381c237",
    "sha512": "b42af09057bac1e2d41708e48a902e09b5ff7f12ab428a4fe86653c73dd248fb"
    "82f948a549f7b791a5b41915ee4d1ec3935357e4e2317250d0372afa2ebeeb3a",
}


@pytest.mark.parametrize("method", BY_OPENSSL)
def test_every_method_of_the_recommendation(method: str) -> None:
    digest = BY_OPENSSL[method]
    assert is_signed(f"{method}={digest}", BODY, SECRET)
    assert is_signed(f" {method.upper()}={digest.upper()} ", BODY, SECRET)
    assert not is_signed(f"{method}={digest}", BODY + b" ", SECRET)
    assert not is_signed(f"{method}={digest}", BODY, SECRET + "y")
    assert not is_signed(f"{method}={digest[:-1]}", BODY, SECRET)


def test_bytes_that_are_no_text() -> None:
    body, secret = b"\x00\xff<feed/>\r\n", "a_secret-of_43_characters"
    made = subprocess.run(
        ["openssl", "dgst", "-sha512", "-hmac", secret], input=body, capture_output=True, check=True
    ).stdout.decode()
    assert is_signed(f"sha512={made.rpartition('= ')[2]}", body, secret)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "=",
        "sha256",
        "sha256=",
        "md5=" + "0" * 32,
        BY_OPENSSL["sha256"],
        "sha256=ß",
        "sha1=" + BY_OPENSSL["sha256"],
    ],
)
def test_what_is_no_signature(header: str | None) -> None:
    assert not is_signed(header, BODY, SECRET)
