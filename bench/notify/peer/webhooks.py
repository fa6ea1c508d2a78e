"""What both peers do for one delivery: sign it (Standard Webhooks) and POST it. Imports nothing of ours."""

import base64
import hashlib
import hmac
import json
import os
import time

import requests
from requests.adapters import HTTPAdapter

KEY = base64.b64decode(os.environ["BENCH_SECRET"].removeprefix("whsec_"))
TIMEOUT = 20
_sessions: dict[int, requests.Session] = {}


def send(url: str, message_id: str, payload: str) -> None:
    """Deliver; raises if it was not taken."""
    body = payload.encode()
    timestamp = str(int(time.time()))
    signed = b".".join((message_id.encode(), timestamp.encode(), body))
    signature = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    headers = {
        "content-type": "application/json",
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
    answer = _session().post(url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False)
    answer.raise_for_status()


def _session() -> requests.Session:
    """Return this process's session. Its pool is made large enough that connections are kept: by default 10 hosts'."""
    pid = os.getpid()
    if pid not in _sessions:
        session = requests.Session()
        # Else it looks for proxies in the environment at each request, which ours does not do either.
        session.trust_env = False
        adapter = HTTPAdapter(pool_connections=int(os.environ["BENCH_ENDPOINTS"]), pool_maxsize=64)
        session.mount("http://", adapter)
        _sessions[pid] = session
    return _sessions[pid]


def deliveries() -> list[tuple[str, str, str]]:
    """Return what is to be sent, from the file that BENCH_WORK names: one event after the other, to each endpoint."""
    with open(os.environ["BENCH_WORK"], encoding="utf-8") as file:
        work = json.load(file)
    return [(url, ident, body) for ident, body in work["messages"] for url in work["urls"]]
