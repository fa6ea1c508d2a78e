"""The peers: task queues that deliver the same bodies with requests, in an environment of their own."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.children import tail_of
from bench.notify import servers
from bench.notify.kept import Cores, Kept, Start, folder_for, kept, tree_memory
from bench.notify.messages import SECRET, body, message_id
from bench.notify.receivers import Nginx
from bench.notify.spent import Spent

CELERY, DRAMATIQ = "Celery + Redis", "dramatiq + RabbitMQ"
HOW_TO_INSTALL = "sh bench/notify/system-packages.sh"
_TASKS = Path(__file__).parent / "peer"
# Of 1 to 8 processes, 2 to 8 threads and several numbers of tasks taken ahead, these were the fastest on one core.
_WORKERS = {
    CELERY: "celery -A celery_tasks worker --pool prefork -c 4 --prefetch-multiplier 64 -l WARNING"
    " --without-gossip --without-mingle --without-heartbeat -O fair",
    DRAMATIQ: "dramatiq dramatiq_tasks --processes 2 --threads 8",
}
_MODULES = {CELERY: "celery_tasks.py", DRAMATIQ: "dramatiq_tasks.py"}
_LOOK_EVERY = 0.01
_WITHIN = 600.0  # seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Peers:
    """Where the peers' programs are."""

    bin: Path
    versions: dict[str, str]


def missing(peer: str) -> str | None:
    """Return what a peer needs and this machine has not."""
    if peer == CELERY:
        return None if servers.find_redis() else "redis-server"
    return None if servers.find_rabbit() else "rabbitmq-server"


def install(work: Path) -> Peers | None:
    """Bring the peers from PyPI into a folder of the bench; None if there is no uv, or it cannot fetch them."""
    uv = os.environ.get("UV") or shutil.which("uv")
    place, wanted = work / "peers", (_TASKS / "requirements.txt").read_text()
    stamp = place / "requirements.txt"
    if not stamp.exists() or stamp.read_text() != wanted:
        if uv is None:
            return None
        python = place / "bin" / "python"
        commands: list[list[str | Path]] = [
            [uv, "venv", "--quiet", "--clear", place],
            [uv, "pip", "install", "--quiet", "--python", python, "-r", _TASKS / "requirements.txt"],
        ]
        for command in commands:
            made = subprocess.run(command, check=False, capture_output=True, text=True)
            if made.returncode:
                return None
        stamp.write_text(wanted)
    lines = [line for line in wanted.splitlines() if "==" in line]
    return Peers(bin=place / "bin", versions={line.split("[")[0].split("==")[0]: line.split("==")[1] for line in lines})


def measure_peer(peer: str, peers: Peers, receiver: Nginx, urls: Sequence[str], events: int, cores: Cores) -> Spent:
    """Put a task for each delivery into the queue, then start a worker and watch what arrives."""
    with _broker(peer) as (broker, address), folder_for("peer") as folder:
        work = folder / "work.json"
        messages = [(message_id(number), body(number)) for number in range(events)]
        work.write_text(json.dumps({"urls": list(urls), "messages": messages}))
        env = {
            "BENCH_WORK": str(work),
            "BENCH_BROKER": address,
            "BENCH_SECRET": SECRET,
            "BENCH_ENDPOINTS": str(len(urls)),
            "PYTHONPATH": str(_TASKS),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        subprocess.run(
            [peers.bin / "python", _TASKS / _MODULES[peer]],
            env={**os.environ, **env},
            check=True,
            stdin=subprocess.DEVNULL,
        )
        program, *options = _WORKERS[peer].split()
        start = Start(command=[peers.bin / program, *options], folder=folder, env=env)
        with kept(start, cores.sender) as worker:
            return _watch(receiver, worker, broker, len(urls) * events)


@contextmanager
def _broker(peer: str) -> Iterator[tuple[Kept, str]]:
    if peer == CELERY:
        program = servers.find_redis()
        assert program is not None  # it was asked whether anything is missing
        with servers.redis(program) as found:
            yield found
    else:
        program = servers.find_rabbit()
        assert program is not None
        with servers.rabbit(program) as found:
            yield found


def _watch(receiver: Nginx, worker: Kept, broker: Kept, wanted: int) -> Spent:
    """Measure from the first request to the last: a worker's start costs it nothing."""
    before = receiver.counted().requests
    give_up = time.monotonic() + _WITHIN
    first, started, cpu, broker_cpu = before, time.perf_counter(), 0.0, 0.0
    while (count := receiver.counted().requests) - before < wanted:
        if first == before:
            first, started, cpu, broker_cpu = count, time.perf_counter(), worker.cpu(), broker.cpu()
        if time.monotonic() > give_up:
            raise SystemExit(f"the worker sent {count - before} of {wanted} deliveries:\n{tail_of(worker.log)}")
        # The receiver only counts: it tells nobody when the last one came.
        time.sleep(_LOOK_EVERY)
    return Spent(
        deliveries=count - first,
        wall=time.perf_counter() - started,
        cpu=worker.cpu() - cpu,
        peak=tree_memory(worker.pid),
        server_cpu=broker.cpu() - broker_cpu,
    )
