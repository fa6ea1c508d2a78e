"""nginx and Caddy on a free port of loopback."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.ports import free_port
from tests.support.site import eventually

_NGINX = """pid {folder}/nginx.pid;
error_log {folder}/error.log;
daemon off;
{user}
events {{}}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    {http}
}}
"""
_CADDY = """{
	admin off
	auto_https off
}
"""
CONFIG = Path(__file__).parents[2] / "config"


@contextmanager
def running_nginx(folder: Path, feeds: Path, *, http: str = "", server: str = "") -> Iterator[int]:
    """Serve a folder of feeds with config/nginx.conf and these lines more; give the port."""
    port = free_port()
    shipped = (CONFIG / "nginx.conf").read_text()
    shipped = shipped.replace("listen 8080", f"listen 127.0.0.1:{port}").replace("/srv/feeds", str(feeds))
    shipped = _with(shipped, "    add_header Access-Control-Allow-Origin *;\n", server)
    # As root it would else drop its rights and may not read the test's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    folder.chmod(0o755)
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(folder=folder, user=user, http=http + shipped))
    with _running([_program("nginx", "nginx-light"), "-c", str(config), "-p", str(folder)], port, folder):
        yield port


@contextmanager
def running_caddy(folder: Path, feeds: Path, *, server: str = "") -> Iterator[int]:
    """Serve a folder of feeds with config/Caddyfile and these lines more; give the port."""
    port = free_port()
    shipped = (CONFIG / "Caddyfile").read_text()
    shipped = shipped.replace("feeds.example.org {", f"http://127.0.0.1:{port} {{").replace("/srv/feeds", str(feeds))
    shipped = _with(shipped, "\tencode zstd gzip\n", server)
    config = folder / "Caddyfile"
    config.write_text(_CADDY + shipped)
    command = [_program("caddy", "caddy"), "run", "--config", str(config), "--adapter", "caddyfile"]
    with _running(command, port, folder):
        yield port


def _with(config: str, line: str, more: str) -> str:
    before, found, after = config.partition(line)
    assert found, f"the configuration has no line {line!r}"
    return f"{before}{found}{more}{after}"


def _program(name: str, package: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    assert found is not None, f"{name} is needed: apt-get install {package}"
    return found


@contextmanager
def _running(command: Sequence[str], port: int, home: Path) -> Iterator[None]:
    log = home / "server.log"
    # Caddy keeps what it makes in its home.
    environment = {**os.environ, "HOME": str(home), "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home)}
    with log.open("wb") as file:
        process = subprocess.Popen(command, stdout=file, stderr=file, env=environment)
    try:
        eventually(lambda: _answers(port) or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
