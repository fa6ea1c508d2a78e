"""`feedbell once` and the commands about deliveries, installed, against a receiver that misbehaves."""

import json
import re
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from tests.support.program import Program
from tests.support.receiver import Receiver, Reply
from tests.support.site import LOOPBACK, SECRET, copy_of_sample, endpoint, post, write

OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"


def test_from_once_to_a_delivery_and_its_replay(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    receiver.script("/flaky", Reply(status=503), Reply())
    receiver.script("/never", Reply(status=500))
    retries = "\n[deliveries]\nretry_seconds = [0.1]\n"
    config = LOOPBACK + retries + endpoint(receiver.url("/flaky"), "flaky") + endpoint(receiver.url("/never"), "never")
    write(site, {"feedbell.toml": config})
    first = program.call("once", "--json", cwd=site)
    assert (first.code, first.json()["delivered"]) == (0, 0)
    assert receiver.received() == []

    write(site, {"_posts/2024-05-01-new.md": post("New")})
    # One call sends what is due; what failed is due later, for the next call.
    delivered = 0
    for _ in range(10):
        delivered += program.call("once", "--json", cwd=site).json()["delivered"]
        if len(receiver.received()) == 4:
            break
    assert delivered == 1
    flaky, never = receiver.received("/flaky"), receiver.received("/never")
    assert [len(flaky), len(never)] == [2, 2]
    # The same message on every try, signed anew.
    assert len({request.headers["webhook-id"] for request in flaky + never}) == 1
    assert len({request.body for request in flaky}) == 1
    for request in flaky:
        Webhook(SECRET).verify(request.body, dict(request.headers))

    listed = {one["endpoint"]: one for one in program.call("deliveries", "--json", cwd=site).json()}
    assert (listed["flaky"]["state"], listed["flaky"]["attempts"]) == ("delivered", 2)
    assert (listed["never"]["state"], listed["never"]["attempts"], listed["never"]["last_status"]) == (
        "exhausted",
        2,
        500,
    )
    only = program.call("deliveries", "--state", "exhausted", "--json", cwd=site).json()
    assert [one["endpoint"] for one in only] == ["never"]

    tried = program.call("deliveries", "attempts", str(listed["never"]["id"]), "--json", cwd=site).json()
    assert [(one["number"], one["status"], one["error"], one["excerpt"]) for one in tried] == [
        (1, 500, "HTTP 500", "ok"),
        (2, 500, "HTTP 500", "ok"),
    ]
    assert program.call("deliveries", "attempts", "987654", cwd=site).code == 2

    receiver.script("/never", Reply())
    assert program.call("deliveries", "replay", str(listed["never"]["id"]), cwd=site).code == 0
    assert program.call("deliveries", "replay", "987654", cwd=site).code == 2
    assert program.call("once", "--json", cwd=site).json()["delivered"] == 1
    assert receiver.received("/never")[-1].headers["webhook-id"] == flaky[0].headers["webhook-id"]


def test_strict_and_notify_existing(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    next((site / "_posts").glob("-*")).unlink()
    receiver.script("/hook", Reply(status=500))
    retries = "\n[deliveries]\nretry_seconds = []\n"
    write(site, {"feedbell.toml": LOOPBACK + retries + endpoint(receiver.url("/hook"))})
    assert program.call("once", "--strict", cwd=site).code == 0
    ended = program.call("once", "--strict", "--notify-existing", "2", cwd=site)
    assert ended.code == 1
    assert "2 given up" in ended.out
    titles = {json.loads(request.body)["data"]["post"]["title"] for request in receiver.received()}
    assert titles == {
        "两部门：加大出口信用保险支持 做好跨周期调节进一步稳外贸",
        "离岸人民币兑美元升至2018年以来最高水平",
    }
    assert program.call("once", cwd=site).code == 0


def test_a_test_message_and_a_rotated_secret(program: Program, tmp_path: Path, receiver: Receiver) -> None:
    site = copy_of_sample(tmp_path)
    hook = endpoint(receiver.url("/hook?token=hidden")).replace(f'"{SECRET}"', f'["{OTHER}", {{ file = "secret" }}]')
    write(site, {"feedbell.toml": LOOPBACK + hook, "secret": SECRET + "\n"})
    tested = program.call("endpoints", "test", "receiver", cwd=site)
    assert tested.code == 0, tested.err
    (request,) = receiver.received()
    for secret in (SECRET, OTHER):
        body = Webhook(secret).verify(request.body, dict(request.headers))
        assert body["type"] == "endpoint.test"
    made = program.call("endpoints", "secret", cwd=site).out
    fresh = re.search(r"whsec_[A-Za-z0-9+/=]+", made)
    assert fresh is not None, made
    with pytest.raises(WebhookVerificationError):
        Webhook(fresh[0]).verify(request.body, dict(request.headers))
    listed = program.call("endpoints", cwd=site)
    as_json = program.call("endpoints", "--json", cwd=site)
    assert "receiver" in listed.out
    for said in (tested, listed, as_json):
        assert "hidden" not in said.out + said.err
        assert "whsec_" not in said.out + said.err
    receiver.script("/hook?token=hidden", Reply(status=404))
    assert program.call("endpoints", "test", "receiver", cwd=site).code == 1
    assert program.call("endpoints", "test", "nobody", cwd=site).code == 2
