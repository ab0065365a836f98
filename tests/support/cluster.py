"""A throw-away PostgreSQL cluster: made once per test session, shared by its processes, gone at the end."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The folder of the session's cluster; processes that pytest-xdist starts inherit it.
FOLDER_VARIABLE = "GRANTS_TEST_CLUSTER"
# Nothing here has to survive a power cut, so nothing waits for the disk.
SERVER_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "autovacuum": "off",
}
ROOM = 2 * 2**30  # bytes of memory that a session may take


def binaries() -> Path | None:
    """The folder of the newest installed server, or None."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).resolve().parent if initdb else None


def prepare(*, on_disk: bool = False) -> None:
    """Choose the folder before any test process starts; the server itself starts when first asked for.

    `on_disk`: for measurements, which must not flatter.
    """
    if FOLDER_VARIABLE not in os.environ:
        os.environ[FOLDER_VARIABLE] = tempfile.mkdtemp(prefix="grants-pg-", dir=None if on_disk else memory())


def memory() -> Path | None:
    """Where files live in memory, when there is plenty: the product waits for the disk, tests need not."""
    shared = Path("/dev/shm")
    is_roomy = shared.is_dir() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > ROOM
    return shared if is_roomy else None


def server_url() -> str:
    """Address of the running server, without a database name; the first process that asks starts it."""
    with locked() as folder:
        note = folder / "server.json"
        if not note.exists():
            note.write_text(json.dumps({"port": _start(folder)}), encoding="utf-8")
        port = json.loads(note.read_text(encoding="utf-8"))["port"]
    return f"postgresql+psycopg://postgres@127.0.0.1:{port}"


def stop() -> None:
    """Stop the server, if it was started, and remove its folder."""
    folder = Path(os.environ.pop(FOLDER_VARIABLE))
    if (folder / "server.json").exists():
        _as_postgres("pg_ctl", "-D", str(folder / "data"), "-m", "immediate", "stop")
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def locked() -> Iterator[Path]:
    """The session's folder, held by this process alone."""
    folder = Path(os.environ[FOLDER_VARIABLE])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _start(folder: Path) -> int:
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        shutil.chown(folder, "postgres")
    data = str(folder / "data")
    _as_postgres("initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    port = _free_port()
    settings = {**SERVER_SETTINGS, "port": str(port), "unix_socket_directories": str(folder)}
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    _as_postgres("pg_ctl", "-D", data, "-l", str(folder / "server.log"), "-w", "-o", options, "start")
    return port


def _as_postgres(program: str, *arguments: str) -> None:
    folder = binaries()
    assert folder is not None, "no PostgreSQL server is installed"
    command = [str(folder / program), *arguments]
    if os.getuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    done = subprocess.run(command, cwd="/", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stdout}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
