"""The product in a process of its own, so that a test may kill it in the middle of a sentence and start it again.

Run as a program it serves one database at one port with the clock held still:
`own_process.py URL INSTANCE PORT MOMENT`.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 120.0
SECRET = "tests only"  # that of the application in the test process, so that its sessions are good here as well


class OwnProcess:
    """One installation served at one address; `kill` leaves no time to finish anything."""

    def __init__(self, url: str, instance: str, moment: datetime) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.address = f"http://127.0.0.1:{self.port}"
        self._command = [sys.executable, __file__, url, instance, str(self.port), moment.isoformat()]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Serve, and come back when it answers."""
        self._process = subprocess.Popen(self._command, cwd=ROOT)
        ends = time.monotonic() + PATIENCE_S
        while time.monotonic() < ends:
            try:
                with urlopen(f"{self.address}/healthz", timeout=10):
                    return
            except OSError:  # not there yet, or slower than the question
                assert self._process.poll() is None, "the server has not started"
                time.sleep(0.1)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        """SIGKILL, as a power cut does it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None


@contextmanager
def own_process(url: str, moment: datetime) -> Iterator[OwnProcess]:
    """A running server over the database at `url`."""
    with tempfile.TemporaryDirectory(prefix="grants-own-") as instance:
        server = OwnProcess(url, instance, moment)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _serve(url: str, instance: str, port: str, moment: str) -> None:
    sys.path.insert(0, str(ROOT))
    from waitress import serve

    from config import Settings
    from grants_app import create_app
    from grants_app.core import clock

    clock.freeze(datetime.fromisoformat(moment))
    app = create_app({"SETTINGS": Settings(instance=instance, database_url=url, secret_key=SECRET)})
    serve(app, host="127.0.0.1", port=int(port), threads=4, ident=None)


if __name__ == "__main__":
    _serve(*sys.argv[1:5])
