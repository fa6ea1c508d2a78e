"""The delivery benchmarks: everybody sends the same, and the figures are reckoned as they should."""

import importlib
import json
from ipaddress import IPv4Address, IPv4Network

import pytest
from standardwebhooks.webhooks import Webhook

from bench.notify.messages import SECRET, body, hosts
from bench.notify.peers import CELERY, DRAMATIQ
from bench.notify.plan import Plan
from bench.notify.report import reaches, tables
from bench.notify.rows import BARE, LOGGED, POSTGRES, SQLITE, Hanging, Measured
from bench.notify.spent import Spent
from tests.support.receiver import running_receiver


def spent(rate: float, each: float, peak: float = 100) -> Spent:
    """Return what 1,000 deliveries took; `each` in microseconds."""
    return Spent(deliveries=1000, wall=1000 / rate, cpu=each * 1000 / 1e6, peak=peak)


def measured(**rows: list[Spent]) -> Measured:
    names = {
        "bare": BARE,
        "sqlite": SQLITE,
        "logged": LOGGED,
        "postgres": POSTGRES,
        "celery": CELERY,
        "other": DRAMATIQ,
    }
    return Measured(
        rows={name: rows.get(short, []) for short, name in names.items()},
        hanging=Hanging(alone=[1.0, 1.0, 1.0], beside=[1.0, 1.0, 9.0], shares=[1.0, 0.995, 0.2]),
        backlog=spent(900, 200, peak=121),
        tls_kept=[spent(4000, 200)],
        tls_new=[spent(1000, 900)],
    )


# Three rounds, of which the machine was half as fast in the second.
FOUND = measured(
    bare=[spent(10_000, 100), spent(5_000, 200), spent(10_000, 100)],
    sqlite=[spent(6_000, 170), spent(3_100, 270), spent(6_200, 180)],
    logged=[spent(5_000, 190)] * 3,
    postgres=[spent(2_000, 190), spent(1_000, 380), spent(2_500, 150)],
    celery=[spent(300, 2500), spent(150, 5000), spent(300, 2500)],
)


def test_bodies_are_json_of_3_kb_and_differ() -> None:
    bodies = [body(number) for number in (0, 7, 123_456)]

    assert all(2_990 <= len(text.encode()) <= 3_010 for text in bodies)
    assert {json.loads(text)["type"] for text in bodies} == {"post.published"}
    assert len(set(bodies)) == 3


def test_each_endpoint_has_a_loopback_address_of_its_own() -> None:
    found = [IPv4Address(host) for host in hosts(1000)]

    assert len(set(found)) == 1000
    assert all(one in IPv4Network("127.0.0.0/8") for one in found)


def test_the_peers_send_what_a_receiver_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BENCH_SECRET", SECRET)
    monkeypatch.setenv("BENCH_ENDPOINTS", "1")
    webhooks = importlib.import_module("bench.notify.peer.webhooks")
    with running_receiver() as receiver:
        webhooks.send(receiver.url("/hook"), "msg_1", body(1))
        webhooks.send(receiver.url("/hook"), "msg_2", body(2))
        came = receiver.received()
        webhooks._session().close()

    assert [Webhook(SECRET).verify(one.body, dict(one.headers))["type"] for one in came] == ["post.published"] * 2
    assert len({one.peer for one in came}) == 1  # the connection was kept


def test_ratios_are_of_the_same_round_and_what_is_missing_is_named() -> None:
    lines = tables(Plan(), FOUND).splitlines()

    ours = next(line for line in lines if line.startswith(f"{SQLITE}  ")).split()
    assert (ours[2], ours[-1]) == ("6,200", "0.62")  # the fastest; the median of 0.60, 0.62 and 0.62
    assert next(line for line in lines if line.startswith(DRAMATIQ)).endswith("not installed")
    assert next(line for line in lines if line.startswith(f"{SQLITE}: times {CELERY}")).endswith("20.7")
    assert "system-packages.sh" in next(line for line in lines if line.startswith(f"{SQLITE}: times {DRAMATIQ}"))


def test_aims_are_met_or_missed() -> None:
    held = {reach.what: reach.met for reach in reaches(FOUND)}

    assert held == {
        f"{SQLITE}, of the transport alone": True,
        f"{SQLITE}, times {CELERY}": True,
        f"{SQLITE}, the engine's own CPU each": True,
        f"{POSTGRES}, of the transport alone": False,
        f"{POSTGRES}, times {CELERY}": False,
        f"{POSTGRES}, the engine's own CPU each": False,
        "healthy deliveries in time while others hang": True,
        "peak with all that waits": False,
    }
