"""Databases and brokers for one run: on the loopback, in a temporary folder, gone afterwards."""

import glob
import os
import pwd
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.notify.kept import Kept, Start, answers, await_ready, folder_for, free_port, kept

_RABBIT_PLUGINS = "[].\n"
_POSTGRES_SETTINGS = ("listen_addresses=", "max_connections=100")  # all else as it comes, fsync among it


class Postgres:
    """A PostgreSQL server that hands out empty databases."""

    def __init__(self, server: Kept, psql: Path) -> None:
        self.server = server
        self._psql = psql
        self._made = 0

    def url(self, name: str = "postgres") -> str:
        """Return the address of a database."""
        return f"postgresql://postgres@/{name}?host={self.server.folder}"

    def empty_database(self) -> str:
        """Return the address of a new database."""
        self._made += 1
        self._run(f"CREATE DATABASE bench_{self._made}")
        return self.url(f"bench_{self._made}")

    def settle(self) -> None:
        """Write to disk what filling left behind, so that nobody pays for it later."""
        self._run("CHECKPOINT")

    def _run(self, statement: str) -> None:
        subprocess.run(
            [self._psql, "-q", "-h", self.server.folder, "-U", "postgres", "-c", statement],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )


def find_initdb() -> Path | None:
    """Return PostgreSQL's initdb, if it is there."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: float(path.split("/")[4]))
    path = found[-1] if found else shutil.which("initdb")
    return Path(path) if path else None


def find_redis() -> str | None:
    """Return Redis's server, if it is there."""
    return shutil.which("redis-server")


def find_rabbit() -> str | None:
    """Return RabbitMQ's server, past Debian's wrapper, which insists on an account of its own."""
    found = sorted(glob.glob("/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"))
    return found[-1] if found else None


@contextmanager
def postgres(initdb: Path) -> Iterator[Postgres]:
    """Run a PostgreSQL cluster as it is after its installation: what is committed is on the disk."""
    account = _unprivileged()
    with folder_for("pg", account) as folder:
        made: list[str | Path] = [
            initdb,
            "-D",
            folder / "cluster",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        run: list[str | Path] = [initdb.with_name("postgres"), "-D", folder / "cluster", "-k", folder]
        run += [part for setting in _POSTGRES_SETTINGS for part in ("-c", setting)]
        script = f"{shlex.join(map(str, made))} && exec {shlex.join(map(str, run))}"
        with kept(Start(command=["/bin/sh", "-c", script], folder=folder, stop="INT", account=account)) as server:
            ready: list[str | Path] = [initdb.with_name("pg_isready"), "-q", "-h", folder]
            await_ready(server, lambda: subprocess.run(ready, check=False).returncode == 0)
            yield Postgres(server, initdb.with_name("psql"))


@contextmanager
def redis(program: str) -> Iterator[tuple[Kept, str]]:
    """Run a Redis that keeps everything in memory; give its address."""
    port = free_port()
    with folder_for("redis") as folder:
        command: list[str | Path] = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", folder]
        with kept(Start(command=command, folder=folder)) as server:
            await_ready(server, lambda: answers("127.0.0.1", port))
            yield server, f"redis://127.0.0.1:{port}/0"


@contextmanager
def rabbit(program: str) -> Iterator[tuple[Kept, str]]:
    """Run a RabbitMQ, with the port mapper that Erlang wants; give its address."""
    port, mapper, distribution = free_port(), free_port(), free_port()
    with folder_for("epmd") as mapper_folder, folder_for("rabbit") as folder:
        (folder / "plugins").write_text(_RABBIT_PLUGINS)
        env = {
            "HOME": str(folder),
            "ERL_EPMD_PORT": str(mapper),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": "feedbell-bench@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
            "RABBITMQ_MNESIA_BASE": str(folder),
            "RABBITMQ_LOG_BASE": str(folder),
            "RABBITMQ_CONFIG_FILE": str(folder / "none"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_PID_FILE": str(folder / "pid"),
        }
        epmd = Start(command=["epmd", "-address", "127.0.0.1", "-port", str(mapper)], folder=mapper_folder)
        with kept(epmd) as mapping, kept(Start(command=[program], folder=folder, env=env)) as server:
            await_ready(mapping, lambda: answers("127.0.0.1", mapper))
            await_ready(server, lambda: answers("127.0.0.1", port))
            yield server, f"amqp://guest:guest@127.0.0.1:{port}"


def _unprivileged() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root, so root lends it another account."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
