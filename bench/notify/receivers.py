"""Receivers, each endpoint at an address of its own: nginx that answers at once, and slow or silent ones of ours."""

import http.client
import os
import re
import resource
import shutil
import ssl
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.notify.kept import Start, answers, await_ready, folder_for, free_port, kept
from bench.notify.messages import hosts

_NGINX = """\
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
worker_processes 1;
worker_rlimit_nofile {files};
events {{ worker_connections {connections}; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    keepalive_timeout {keep};
    server {{
        {listen}
        {tls}
        return 200;
    }}
    server {{
        listen 127.0.0.1:{status};
        location / {{ stub_status; }}
    }}
}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What nginx counted so far."""

    connections: int
    requests: int


class Nginx:
    """An nginx that answers 200 to everything. `ca_file` for one that speaks TLS."""

    def __init__(self, port: int, status_port: int, ca_file: Path | None) -> None:
        self.port = port
        self.ca_file = ca_file
        self._status = http.client.HTTPConnection("127.0.0.1", status_port, timeout=30)
        self._asked = 0

    @property
    def scheme(self) -> str:
        """Return how to speak to it."""
        return "https" if self.ca_file else "http"

    def counted(self) -> Counted:
        """Return what it counted, without the questions."""
        self._status.request("GET", "/")
        text = self._status.getresponse().read().decode()
        self._asked += 1
        found = re.search(r"requests\s+(\d+) (\d+) (\d+)", text)
        assert found is not None, text
        return Counted(connections=int(found[1]) - 1, requests=int(found[3]) - self._asked)

    def close(self) -> None:
        """Ask no more."""
        self._status.close()


def find_nginx() -> str | None:
    """Return nginx's path, if it is there."""
    return shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")


@contextmanager
def nginx(endpoints: int, *, tls: bool = False, keep: bool = True) -> Iterator[Nginx]:
    """Answer 200 at once at the addresses of the first endpoints, and keep connections, or not."""
    program = find_nginx()
    if program is None:
        raise SystemExit("nginx was not found: `sh bench/notify/system-packages.sh` brings it")
    port, status = free_port(), free_port()
    with folder_for("nginx") as folder:
        certificate = make_certificate(folder, hosts(endpoints)) if tls else None
        config = folder / "nginx.conf"
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        config.write_text(
            _NGINX.format(
                # As root it would else drop its rights and may not read the folder.
                user="user root;" if os.geteuid() == 0 else "",
                folder=folder,
                files=files,
                connections=min(files, 20_000),
                keep="3600s" if keep else "0",
                listen=" ".join(f"listen {host}:{port}{' ssl' if tls else ''};" for host in hosts(endpoints)),
                tls=f"ssl_certificate {certificate}; ssl_certificate_key {folder}/key.pem;" if tls else "",
                status=status,
            )
        )
        command = [program, "-c", str(config), "-p", str(folder), "-e", str(folder / "error.log")]
        with kept(Start(command=command, folder=folder)) as running:
            await_ready(running, lambda: answers("127.0.0.1", status))
            receiver = Nginx(port, status, certificate)
            try:
                yield receiver
            finally:
                receiver.close()


@contextmanager
def slow(endpoints: int, seconds: float | None) -> Iterator[int]:
    """Answer 200 after so many seconds, or never; give the port."""
    port = free_port()
    with folder_for("slow") as folder:
        root = Path(__file__).parents[2]
        command: Sequence[str | Path] = [
            sys.executable,
            "-m",
            "bench.notify.slow",
            str(port),
            str(endpoints),
            str(seconds),
        ]
        with kept(Start(command=command, folder=folder, env={"PYTHONPATH": str(root)})) as running:
            await_ready(running, lambda: answers(hosts(endpoints)[-1], port))
            yield port


def make_certificate(folder: Path, addresses: Sequence[str]) -> Path:
    """Make a certificate for addresses that signs itself, with OpenSSL; its key lies beside it."""
    certificate = folder / "cert.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=127.0.0.1"
    names = ",".join(f"IP:{address}" for address in addresses)
    options = ["-addext", f"subjectAltName={names}", "-keyout", str(folder / "key.pem"), "-out", str(certificate)]
    subprocess.run([*command.split(), *options], check=True, capture_output=True)
    ssl.create_default_context(cafile=str(certificate))  # it is one
    return certificate
