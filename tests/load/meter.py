"""Measuring a server from outside: one visitor, a few visitors at once, and what its processes spent on them."""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[2]
TICKS = os.sysconf("SC_CLK_TCK")
PAGE_KB = os.sysconf("SC_PAGE_SIZE") // 1024
_TOKEN = re.compile(r'name="(csrf_token|form_key|version)"[^>]*value="([^"]*)"')


@dataclass
class Visitor:
    """A browser without a screen: keeps cookies, opens a connection for every request."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    stamp_header: str = ""  # says when the request was whole, as the server in front does

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a page."""
        status, body, _seconds = self.ask("GET", path)
        return status, body

    def post(self, path: str, values: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer to a form."""
        status, body, _seconds = self.ask("POST", path, values)
        return status, body

    def ask(self, method: str, path: str, values: Mapping[str, str] | None = None) -> tuple[int, bytes, float]:
        """One request: status, body and seconds from connecting to the last byte."""
        headers = {"Connection": "close", "Cookie": "; ".join(f"{name}={text}" for name, text in self.cookies.items())}
        content = None
        if values is not None:
            content, headers["Content-Type"] = urlencode(values), "application/x-www-form-urlencoded"
        if self.stamp_header:
            headers[self.stamp_header] = f"t={time.time():.6f}; took=0.000"
        started = time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        body = answer.read()
        seconds = time.perf_counter() - started
        for line in answer.msg.get_all("Set-Cookie") or ():
            name, _equals, text = line.partition(";")[0].partition("=")
            self.cookies[name] = text
        connection.close()
        return answer.status, body, seconds

    def tokens(self, path: str) -> dict[str, str]:
        """The hidden fields of the form on a page."""
        return self.hidden(self.get(path)[1].decode())

    @staticmethod
    def hidden(page: str) -> dict[str, str]:
        """The hidden fields of a form as it was printed."""
        return {name: unescape(text) for name, text in _TOKEN.findall(page)}

    def sign_in(self, email: str, password: str) -> None:
        """Come in through the page."""
        status, body = self.post("/sign-in", {**self.tokens("/sign-in"), "email": email, "password": password})
        if status != 302:
            raise RuntimeError(f"signing in was answered with {status}: {body[:300]!r}")


@dataclass(frozen=True)
class Server:
    """A running server: its port, its processes, how long it took to the first page."""

    port: int
    process: subprocess.Popen[bytes]
    cold_start: float

    def processes(self) -> list[int]:
        """The master and its workers."""
        told = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text(encoding="ascii")
        return [self.process.pid, *map(int, told.split())]

    def cpu(self) -> float:
        """Seconds of processor spent so far, in user and system mode, with children that have ended."""
        return sum(spent(pid) for pid in self.processes())

    def memory_mb(self) -> list[tuple[float, float]]:
        """Resident and unshared megabytes of each worker."""
        return [_memory(pid) for pid in self.processes()[1:]]


@contextmanager
def served(target: str, environ: Mapping[str, str], first: str, threads: int = 1, workers: int = 2) -> Iterator[Server]:
    """Serve a WSGI application by a few workers of gunicorn; `first` is the page that must answer 200."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    kind = ["--worker-class", "sync"] if threads == 1 else ["--worker-class", "gthread", "--threads", str(threads)]
    bind = ["--bind", f"127.0.0.1:{port}", "--log-level", "warning"]
    # As deploy/systemd starts it: loaded once, then shared by the workers.
    command = [sys.executable, "-m", "gunicorn", "--preload", "--workers", str(workers), *kind, *bind, target]
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environ))
    try:
        yield Server(port, process, first_answer(process, port, first, started))
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


@dataclass(frozen=True)
class Figures:
    """What a page cost: milliseconds of one visitor, requests a second of several, processor a request."""

    name: str
    bytes: int
    alone_ms: list[float]
    crowd_ms: list[float]
    per_second: float
    cpu_ms: float
    errors: int

    def p(self, share: float, *, crowd: bool = False) -> float:
        """A percentile of the milliseconds."""
        values = sorted(self.crowd_ms if crowd else self.alone_ms)
        return values[min(len(values) - 1, int(share * len(values)))]

    @property
    def median(self) -> float:
        """Median milliseconds of one visitor."""
        return statistics.median(self.alone_ms)

    def line(self) -> str:
        """A row of the table."""
        times = f"{self.median:8.1f} [{min(self.alone_ms):.1f}-{max(self.alone_ms):.1f}]"
        crowd = f"{self.p(0.95, crowd=True):8.1f}" if self.crowd_ms else f"{'-':>8}"
        rate = f"{self.per_second:7.1f}" if self.crowd_ms else f"{'-':>7}"
        return (
            f"{self.name:<38}{self.bytes / 1024:8.0f}{times:>26}{self.p(0.95):8.1f}{rate}{crowd}"
            f"{self.cpu_ms:8.1f}{self.errors:5}"
        )


HEAD = f"{'page':<38}{'kB':>8}{'p50 [min-max] ms':>26}{'p95':>8}{'req/s':>7}{'p95 of 4':>8}{'CPU ms':>8}{'bad':>5}"


@dataclass(frozen=True)
class Effort:
    """How long to ask: requests of one visitor, then seconds and connections of the crowd."""

    alone: int = 40
    seconds: float = 6.0
    connections: int = 4


def measure(server: Server, name: str, ask: Callable[[], tuple[int, bytes, float]], effort: Effort) -> Figures:
    """Ask one after another, then from several threads; the first three answers warm up and are not counted."""
    for _ in range(3):
        _status, body, _seconds = ask()
    before = server.cpu()
    answers = [ask() for _ in range(effort.alone)]
    cpu_ms = (server.cpu() - before) * 1000 / effort.alone
    crowd, seconds = _crowd(ask, effort) if effort.seconds else ([], 1.0)
    return Figures(
        name=name,
        bytes=len(body),
        alone_ms=[1000 * taken for _status, _body, taken in answers],
        crowd_ms=[1000 * taken for _status, taken in crowd],
        per_second=len(crowd) / seconds,
        cpu_ms=cpu_ms,
        errors=sum(status >= 400 for status in [one[0] for one in answers] + [one[0] for one in crowd]),
    )


def _crowd(ask: Callable[[], tuple[int, bytes, float]], effort: Effort) -> tuple[list[tuple[int, float]], float]:
    answers: list[tuple[int, float]] = []
    started = time.perf_counter()
    end = started + effort.seconds

    def keep_asking() -> None:
        while time.perf_counter() < end:
            status, _body, taken = ask()
            answers.append((status, taken))

    threads = [threading.Thread(target=keep_asking) for _ in range(effort.connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers, time.perf_counter() - started


def fixed_loop() -> float:
    """Seconds of a loop that is always the same: tells how busy the machine was."""
    started = time.perf_counter()
    total = 0
    for number in range(2_000_000):
        total += number * number % 7
    return time.perf_counter() - started


def first_answer(process: subprocess.Popen[bytes], port: int, path: str, started: float) -> float:
    while time.perf_counter() - started < 60:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            status, _body = Visitor(port).get(path)
        except OSError:
            time.sleep(0.02)
            continue
        if status == 200:
            return time.perf_counter() - started
        raise RuntimeError(f"{path} was answered with {status}")
    raise RuntimeError("the server did not answer within a minute")


def spent(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(int(value) for value in fields[11:15]) / TICKS


def _memory(pid: int) -> tuple[float, float]:
    told = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in told.splitlines()[1:] if ":" in line}
    unshared = kilobytes["Private_Clean"] + kilobytes["Private_Dirty"]
    return kilobytes["Rss"] / 1024, unshared / 1024
