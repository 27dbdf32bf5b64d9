"""deploy/nginx.conf at work, unprivileged, on free ports of this machine."""

import os
import shutil
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
from servers import ROOT, free_port

UNPACKED = ROOT / ".venv" / "nginx"  # by tools/setup.sh, where it is not installed
PROGRAM = shutil.which("nginx") or shutil.which("nginx", path=UNPACKED / "usr" / "sbin")
MIME_TYPES = (UNPACKED if str(UNPACKED) in str(PROGRAM) else Path("/")) / "etc/nginx/mime.types"
WITHOUT = "there is no nginx: apt-get install nginx"
AS_ROOT = " user root;" if os.geteuid() == 0 else ""  # else it would give up its rights
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
USER, PASSWORD = "ada", "lovelace"


@contextmanager
def nginx(folder: Path, backends: list[int], *, asks_for_a_password: bool = True):
    """nginx in front of servers on the given ports; yields its ports for http and https."""
    http, https = free_port(), free_port()
    _make_certificate(folder)
    hashed = _run("openssl", "passwd", "-apr1", PASSWORD)
    (folder / "users").write_text(f"{USER}:{hashed}")
    (folder / "mime.types").write_text(MIME_TYPES.read_text())
    servers = "\n".join(f"server 127.0.0.1:{port};" for port in backends)
    changes = {
        "listen 80;": f"listen 127.0.0.1:{http};",
        "listen 443 ssl;": f"listen 127.0.0.1:{https} ssl;",
        "server web:8501;": servers,
        "pid /tmp/nginx.pid;": f"pid {folder}/nginx.pid;{AS_ROOT}",
        "access_log off;": "access_log off;"
        + "".join(f"{name}_temp_path {name};" for name in TEMPORARY),
    }
    if not asks_for_a_password:  # as docs/access.md says for OpenID Connect
        changes['auth_basic           "cnnviz";'] = "auth_basic off;"
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    (folder / "nginx.conf").write_text(text)
    command = [PROGRAM, "-p", str(folder), "-c", "nginx.conf", "-e", str(folder / "error.log")]
    process = subprocess.Popen([*command, "-g", "daemon off;"])
    try:
        _wait_for(process, https)
        yield http, https
    finally:
        process.terminate()
        process.wait(20)


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _make_certificate(folder: Path) -> None:
    (folder / "tls").mkdir()
    files = ["-keyout", f"{folder}/tls/server.key", "-out", f"{folder}/tls/server.crt"]
    _run("openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048", "-subj", "/CN=lab", *files)


def _wait_for(process: subprocess.Popen, port: int) -> None:
    """Until nginx listens on the port."""
    while process.poll() is None:
        listening = psutil.Process(process.pid).net_connections()
        if port in {one.laddr.port for one in listening}:
            return
        time.sleep(0.01)
    raise RuntimeError("nginx did not start")
