"""Fresh, empty databases for tests: SQLite files, and a throw-away PostgreSQL cluster."""

import glob
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

_MISSING = (
    "PostgreSQL's initdb was not found: the tests need its server. On Debian or Ubuntu: apt-get install postgresql"
)
# The server lives as long as our end of the pipe is open: it stops, and its folder goes, even if we are killed. It
# stops at once and writes nothing more, as nobody needs what it has.
_KEEPER = """
exec 3<&0
"$@" </dev/null & server=$!
cat <&3 >/dev/null
kill -QUIT $server
wait $server
rm -rf "$CLUSTER_FOLDER"
"""


class PostgresCluster:
    """A running PostgreSQL server that hands out empty databases."""

    def __init__(self, socket_folder: Path) -> None:
        self._folder = socket_folder
        self._numbers = itertools.count(1)

    def url(self) -> str:
        return f"postgresql://postgres@/postgres?host={self._folder}"

    def kill(self, pid: int) -> None:
        """Kill one of the server's processes with SIGKILL."""
        os.kill(pid, signal.SIGKILL)

    def empty_database(self) -> str:
        """Return the URL of a database that nobody else uses.

        It is a schema of its own, which is there in a millisecond; it goes with the cluster.
        """
        schema = f"test_{next(self._numbers)}"
        with psycopg.connect(self.url(), autocommit=True) as admin:
            admin.execute(f"CREATE SCHEMA {schema}".encode())
        return f"{self.url()}&options=-csearch_path%3D{schema}"


@contextmanager
def postgres_cluster() -> Iterator[PostgresCluster]:
    """Make a PostgreSQL cluster in a temporary folder, run it on a Unix socket, and remove it afterwards."""
    initdb = _find_initdb()
    # The path of a Unix socket may have some 100 characters, which leaves no room for pytest's own folders.
    folder = Path(tempfile.mkdtemp(prefix="feedbell-pg-", dir="/tmp"))
    account = _unprivileged_account()
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    commands = _commands(initdb, folder)
    made = subprocess.run(
        commands[0], user=user, group=group, extra_groups=[] if account else None, capture_output=True, cwd=folder
    )
    if made.returncode:
        shutil.rmtree(folder)
        pytest.fail(f"initdb failed: {made.stderr.decode(errors='replace')[-400:]}", pytrace=False)
    with open(folder / "log", "wb") as log:
        keeper = subprocess.Popen(
            ["/bin/sh", "-c", _KEEPER, "keeper", *commands[1]],
            user=user,
            group=group,
            extra_groups=[] if account else None,
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "CLUSTER_FOLDER": str(folder)},
            start_new_session=True,
        )
    try:
        cluster = PostgresCluster(folder)
        _await(cluster, keeper, folder / "log")
        yield cluster
    finally:
        keeper.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _find_initdb() -> Path:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: float(path.split("/")[4]))
    path = found[-1] if found else shutil.which("initdb")
    if path is None:
        pytest.fail(_MISSING, pytrace=False)
    return Path(path)


def _unprivileged_account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root, so root lends it another account."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _commands(initdb: Path, folder: Path) -> tuple[list[str], list[str]]:
    data = str(folder / "data")
    make = [str(initdb), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    run = [str(initdb.with_name("postgres")), "-D", data, "-k", str(folder)]
    for setting in (
        "listen_addresses=",
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
        "shared_buffers=32MB",
        "max_connections=400",
    ):
        run += ["-c", setting]
    return make, run


def _await(cluster: PostgresCluster, keeper: subprocess.Popen[bytes], log: Path) -> None:
    give_up = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(cluster.url()).close()
            return
        except psycopg.OperationalError as error:
            if keeper.poll() is not None or time.monotonic() > give_up:
                pytest.fail(f"PostgreSQL did not start: {error}: {log.read_text()[-400:]}", pytrace=False)
            time.sleep(0.02)
