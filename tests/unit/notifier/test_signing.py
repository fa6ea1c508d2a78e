"""Signatures, held against the specification's published example and the public library."""

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from core.errors import ConfigurationError
from notifier.signing import check_secrets, new_secret, sign

# From the Standard Webhooks and Svix documentation: one secret, one message, one signature.
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MESSAGE = "msg_p5jXN8AQM9LWM0D4loKWxJek"
BODY = b'{"test": 2432232314}'
WHEN = datetime.fromtimestamp(1614265330, tz=UTC)
SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_published_example_gives_the_published_signature() -> None:
    assert sign([SECRET], message_id=MESSAGE, at=WHEN, body=BODY) == {
        "webhook-id": MESSAGE,
        "webhook-timestamp": "1614265330",
        "webhook-signature": SIGNATURE,
    }


def test_several_secrets_give_a_signature_each() -> None:
    other = new_secret()
    at = datetime.now(UTC)
    headers = sign([other, SECRET], message_id=MESSAGE, at=at, body=BODY)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for secret in (other, SECRET):
        assert Webhook(secret).verify(BODY, headers) == {"test": 2432232314}


@given(key=st.binary(min_size=24, max_size=64), text=st.text(st.characters(exclude_categories=["Cs"])))
def test_the_public_library_agrees(key: bytes, text: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    headers = sign([secret], message_id="msg_1", at=WHEN, body=text.encode())
    assert headers["webhook-signature"] == Webhook(secret).sign("msg_1", WHEN, text)


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "hunter2",
        "whsec_",
        "whsec_hunter2",
        "whsec_!!!!MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_" + base64.b64encode(b"x" * 23).decode(),
        "whsec_" + base64.b64encode(b"x" * 65).decode(),
        "whsec_密码密码密码密码密码密码密码密码密码密码密码密码",
    ],
)
def test_a_malformed_secret_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        check_secrets("desk", [SECRET, secret])
    message = str(caught.value)
    assert "endpoint desk" in message
    assert "feedbell endpoints secret" in message
    assert not secret.removeprefix("whsec_") or secret.removeprefix("whsec_") not in message


def test_no_secret_at_all_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no secret"):
        check_secrets("desk", [])


def test_new_secrets_differ_and_are_well_made() -> None:
    secrets = {new_secret() for _ in range(10)}
    assert len(secrets) == 10
    check_secrets("desk", secrets)
