#!/usr/bin/env python3
"""Sets the product up and runs it (`python3 start.py`), or checks and tests it (`python3 start.py test`).

Standard library only. The first start makes .venv and installs the pinned packages; later starts take seconds.

    python3 start.py                 the demo year on http://127.0.0.1:8000
    python3 start.py --empty         no demo data; asks for the first administrator
    python3 start.py --port 8080     another port
    python3 start.py check           the checks of the source alone
    python3 start.py test [...]      checks and all tests; further words go to pytest
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # an older Python must hear one sentence, not a SyntaxError
    sys.exit(f"Python 3.11 or newer is needed; this is Python {sys.version_info[0]}.{sys.version_info[1]}.")

import argparse
import hashlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
REQUIREMENTS = ROOT / "requirements"
INSTALL_LOG = VENV / "install.log"
HOST = "127.0.0.1"

CHECKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    ("import-linter", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
    ("djlint", ("-m", "djlint", "templates", "--lint", "--quiet")),
)


class SetupError(Exception):
    """Set-up cannot go on; the message is the one sentence that the person reads."""


def main(words: Sequence[str] | None = None) -> int:
    """The command line; returns the exit status."""
    words = list(sys.argv[1:] if words is None else words)
    command = words.pop(0) if words and words[0] in {"run", "check", "test"} else "run"
    try:
        if command == "test":
            return test(words)
        options = _options(command, words)
        return check() if command == "check" else run(port=options.port, empty=options.empty)
    except SetupError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130


def run(*, port: int, empty: bool) -> int:
    """Web server and job worker in one process, on a migrated and, unless `empty`, demonstrable database."""
    _require_free_port(port)
    _require_writable(_instance())
    python = environment("run")
    compile_translations(python)
    arguments = [str(python), "-m", "flask", "--app", "grants_app", "up", "--port", str(port)]
    arguments += ["--empty"] if empty else []
    os.chdir(ROOT)
    sys.stdout.flush()
    if os.name == "posix":  # the server takes this process's place: Ctrl-C and `kill` reach it directly
        os.execv(python, arguments)
    return _wait_for(arguments)


def check() -> int:
    """The checks of the source; every one runs, the failed ones are named at the end."""
    python = environment("test")
    failed = [name for name, arguments in CHECKS if not _passes(name, [str(python), *arguments])]
    if failed:
        print(f"\nFAILED: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def test(words: Sequence[str]) -> int:
    """All checks, then the tests; words such as `tests/awards -k budget` choose some of the tests."""
    python = environment("test")
    compile_translations(python)
    failed = check()
    chosen = list(words) or ["-n", str(max(1, min(4, os.cpu_count() or 1)))]
    print("\n== pytest", flush=True)
    tested = subprocess.call([str(python), "-m", "pytest", *chosen], cwd=ROOT)
    if failed:
        print("The tests ran, but a check of the source failed: see above.", file=sys.stderr)
    return tested or failed


def environment(purpose: str) -> Path:
    """The Python of .venv with everything in requirements/<purpose>.txt; installs only when that file changed."""
    requirements = REQUIREMENTS / f"{purpose}.txt"
    python = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    digest = hashlib.sha256(requirements.read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / f"installed-{purpose}"
    if python.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == digest:
        return python
    began = time.monotonic()
    print(f"Installing packages into {VENV.name} (the first time only) …", flush=True)
    _install(python, requirements)
    stamp.write_text(digest, encoding="ascii")
    print(f"Installed in {time.monotonic() - began:.0f} s.", flush=True)
    return python


def compile_translations(python: Path) -> None:
    """Turn each catalogue into the form that pages read, when it changed since the last time."""
    for source in sorted((ROOT / "grants_app" / "translations").glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        name = ("-D", source.stem, "-i", str(source), "-o", str(target), "-l", source.parent.parent.name)
        command = [str(python), "-m", "babel.messages.frontend", "--quiet", "compile", *name]
        if subprocess.call(command, cwd=ROOT):
            raise SetupError(f"The translations in {source.relative_to(ROOT)} cannot be compiled: see above.")


def _install(python: Path, requirements: Path) -> None:
    uv = shutil.which("uv")
    made = (
        _logged([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, str(VENV)])
        if uv and not python.exists()
        else True
    )
    if not uv or not made:
        uv = None
        if not _logged([sys.executable, "-m", "venv", str(VENV)]):
            raise SetupError(
                "Python cannot make a virtual environment here: install the package python3-venv (Debian, Ubuntu) "
                f"or uv, and see that {ROOT} can be written to."
            )
    hashed = ["--require-hashes", "-r"]
    if uv is None and _logged([str(python), "-m", "pip", "install", "--quiet", *hashed, str(REQUIREMENTS / "uv.txt")]):
        uv = shutil.which("uv", path=str(python.parent))
    if uv:
        # Compiled once: every process, the one that draws a PDF too, would otherwise compile what it needs anew.
        compiled = ["--compile-bytecode", "--python", str(python)]
        command = [uv, "pip", "install", "--quiet", *compiled, *hashed, str(requirements)]
    else:
        command = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", *hashed, str(requirements)]
    if not _logged(command):
        raise SetupError(
            "The packages could not be installed: check the network and that the package registry answers "
            f"(details: {INSTALL_LOG.relative_to(ROOT)})."
        )


def _logged(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    except OSError:
        return False
    if VENV.exists():
        with INSTALL_LOG.open("ab") as log:
            log.write(b"$ " + " ".join(command).encode() + b"\n" + done.stdout + b"\n")
    return done.returncode == 0


def _passes(name: str, command: Sequence[str]) -> bool:
    print(f"\n== {name}", flush=True)
    return subprocess.call(command, cwd=ROOT) == 0


def _wait_for(arguments: Sequence[str]) -> int:
    server = subprocess.Popen(arguments)
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:  # the console has told the server as well; let it finish
            continue


def _instance() -> Path:
    return Path(os.environ.get("GRANTS_INSTANCE") or ROOT / "instance")


def _require_writable(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SetupError(f"The folder {folder} cannot be written to ({error.strerror}).") from error


def _require_free_port(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise SetupError(
                f"Port {port} is taken or not allowed: stop the program that uses it, or choose another, "
                f"for example `python3 start.py --port {port + 1 if port < 65535 else 8000}`."
            ) from error


def _options(command: str, words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=f"start.py {command}", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--port", type=_port, default=8000, help="port on 127.0.0.1 (8000)")
    parser.add_argument("--empty", action="store_true", help="no demo data; ask for the first administrator")
    return parser.parse_args(words)


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise argparse.ArgumentTypeError("a whole number from 1 to 65535 is needed")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
