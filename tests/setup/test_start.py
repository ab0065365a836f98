"""The one command: what it says when it cannot go on, and that Ctrl-C ends it cleanly."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import start
from tests.support.source import ROOT

ADMINISTRATOR = (
    "--email",
    "first@city.example",
    "--name",
    "Перша Адміністраторка",
    "--password",
    "калина біля ставу 7",
)


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """The folder of a new installation."""
    return tmp_path / "instance"


def command(instance: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the installation to its end."""
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "grants_app", *words],
        cwd=ROOT,
        env={**os.environ, "GRANTS_INSTANCE": str(instance)},
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture
def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def taken_port() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_taken_port_is_one_sentence(taken_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert start.main(["run", "--port", str(taken_port)]) == 1
    assert capsys.readouterr().err == (
        f"Port {taken_port} is taken or not allowed: stop the program that uses it, or choose another, "
        f"for example `python3 start.py --port {taken_port + 1}`.\n"
    )


def test_instance_that_cannot_be_written_is_one_sentence(
    tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a-file").touch()
    monkeypatch.setenv("GRANTS_INSTANCE", str(tmp_path / "a-file" / "instance"))
    assert start.main(["--port", str(free_port)]) == 1
    folder = tmp_path / "a-file" / "instance"
    assert capsys.readouterr().err == f"The folder {folder} cannot be written to (Not a directory).\n"


def test_packages_out_of_reach_are_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    requirements = tmp_path / "requirements"
    requirements.mkdir()
    for name in ("run", "uv"):
        (requirements / f"{name}.txt").write_text("no-such-package==0 --hash=sha256:" + "0" * 64, encoding="ascii")
    monkeypatch.setattr(start, "ROOT", tmp_path)
    monkeypatch.setattr(start, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(start, "INSTALL_LOG", tmp_path / ".venv" / "install.log")
    monkeypatch.setattr(start, "REQUIREMENTS", requirements)
    monkeypatch.setenv("UV_OFFLINE", "1")
    with pytest.raises(start.SetupError) as refusal:
        start.environment("run")
    assert str(refusal.value) == (
        "The packages could not be installed: check the network and that the package registry answers "
        "(details: .venv/install.log)."
    )
    assert not (tmp_path / ".venv" / "installed-run").exists()


@pytest.mark.parametrize("port", ["0", "65536", "80a", "٨٠"])
def test_port_that_is_no_port_is_refused(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        start.main(["--port", port])
    assert ended.value.code == 2
    assert "a whole number from 1 to 65535 is needed" in capsys.readouterr().err


def test_older_python_hears_one_sentence() -> None:
    """The check stands before anything that an older Python could stumble over."""
    script = "import sys; sys.version_info = (3, 8, 18); import runpy; runpy.run_path('start.py', run_name='__main__')"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "Python 3.11 or newer is needed; this is Python 3.8.\n")


def test_empty_installation_without_keyboard_is_one_sentence(instance: Path, free_port: int) -> None:
    done = command(instance, "up", "--empty", "--port", str(free_port))
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(
        "Error: The first administrator's e-mail, name and password are asked at the keyboard, and there is none here"
    )


def test_second_first_administrator_is_refused(instance: Path) -> None:
    assert command(instance, "db", "upgrade").returncode == 0
    assert command(instance, "users", "first-administrator", *ADMINISTRATOR).returncode == 0
    again = command(instance, "users", "first-administrator", "--email", "other@city.example", *ADMINISTRATOR[2:])
    assert (again.returncode, again.stderr) == (
        1,
        "Error: There is an administrator already: new ones are made on the page of people\n",
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_server_answers_and_stops_cleanly(instance: Path, free_port: int, number: signal.Signals) -> None:
    assert command(instance, "db", "upgrade").returncode == 0
    assert command(instance, "users", "first-administrator", *ADMINISTRATOR).returncode == 0
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "grants_app", "up", "--empty", "--port", str(free_port)],
        cwd=ROOT,
        env={**os.environ, "GRANTS_INSTANCE": str(instance), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert _answer(f"http://127.0.0.1:{free_port}/readyz", within_s=60) == 200
        server.send_signal(number)
        assert server.stdout is not None
        output = ""
        for line in server.stdout:
            output += line
            if "Stopping" in line:
                break
        # Whatever stops a group of processes often asks twice.
        server.send_signal(number)
        output += server.stdout.read()  # `communicate` knows nothing of what the loop had read ahead
        server.wait(timeout=60)
    finally:
        server.kill()
        server.wait()
    assert server.returncode == 0, output
    assert f"http://127.0.0.1:{free_port}" in output
    assert output.rstrip().endswith("Stopped.")
    assert "Traceback" not in output


def _answer(address: str, *, within_s: float) -> int:
    until = time.monotonic() + within_s
    while True:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
