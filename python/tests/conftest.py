"""The real program, its emulator, and an API that refuses tokens on demand."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import authkeep
from authkeep import _shared

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = authkeep.program()


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What `auth emulator` has a shell set."""
    folder = tmp_path_factory.mktemp("emulator")
    with subprocess.Popen(
        [PROGRAM, "emulator", "--dir", str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        # It lets go of stdout once everything is said.
        assert process.stdout is not None
        lines = process.stdout.read().splitlines()
        words = [shlex.split(line)[1] for line in lines]
        yield dict(word.split("=", 1) for word in words)
        process.send_signal(signal.SIGTERM)
        process.communicate()


@pytest.fixture
def origin(emulator: dict[str, str]) -> str:
    """Where the emulator listens."""
    lines = Path(emulator["AUTH_CONFIG"]).read_text().splitlines()
    return next(line.split('"')[1] for line in lines if line.startswith("issuer = "))


@pytest.fixture(autouse=True)
def surroundings(
    emulator: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An environment that leads to the emulator, a store of the test's own, and nobody's home."""
    for name in list(os.environ):
        if name.startswith(("AUTH_", "DESPAUTH_", "DT_", "AZURE_")):
            monkeypatch.delenv(name)
    for name, value in emulator.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AUTH_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("AUTH_PROGRAM", PROGRAM)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(_shared, "_sources", {})


class Runs:
    """How often the program was run, and with what."""

    def __init__(self, record: Path) -> None:
        self._record = record

    def all(self) -> list[str]:
        """The arguments of each run but those that ask for the version."""
        lines = self._record.read_text().splitlines() if self._record.exists() else []
        return [line for line in lines if line != "--version"]


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Runs:
    """Counts the runs of the real program, each of which takes a little longer."""
    record = tmp_path / "runs"
    text = f"""echo "$*" >> {record}; [ "$1" = --version ] || sleep 0.2; exec {PROGRAM} "$@" """
    monkeypatch.setenv("AUTH_PROGRAM", str(script(tmp_path / "auth", text)))
    return Runs(record)


@pytest.fixture
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    """A program that does what the test says."""
    return Played(tmp_path / "auth", monkeypatch)


class Played:
    """In place of the program."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = path
        monkeypatch.setenv("AUTH_PROGRAM", str(path))

    def does(self, text: str, version: str = "auth 0.1.0") -> None:
        """What it does as shell says, once it has been asked for its version."""
        script(self.path, f'[ "$1" = --version ] && echo "{version}" && exit 0\n{text}')


def script(path: Path, text: str) -> Path:
    """A program of shell."""
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o700)
    return path


class Api:
    """A service on loopback that keeps what it is sent, and refuses some tokens."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str | None, bytes]] = []
        self.refused: set[str] = set()
        self.refuses_all = False
        handler = type("Handler", (Handler,), {"api": self})
        self.server = Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        # The same server, which is another one by its name.
        self.other = f"http://localhost:{self.server.server_port}"

    def tokens(self) -> list[str | None]:
        """The token of each request."""
        return [token for _, token, _ in self.seen]


class Server(ThreadingHTTPServer):
    """One that a crowd can call at once."""

    request_queue_size = 128


class Handler(BaseHTTPRequestHandler):
    """One request at an `Api`."""

    api: Api
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Reads the body, and answers."""
        body = self._body()
        value = self.headers.get("Authorization") or self.headers.get("X-Identity")
        token = value.rsplit(" ", 1)[-1] if value else None
        self.api.seen.append((self.path, token, body))
        self.close_connection = False
        if self.path == "/leave" and token not in self.api.refused:
            self.send_response(302)
            self.send_header("Location", f"{self.api.other}/there")
        elif token is None or self.api.refuses_all or token in self.api.refused:
            self.send_response(401)
        else:
            self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    do_GET = do_POST  # noqa: N815

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *_what: object) -> None:
        """Nothing."""


@pytest.fixture
def api() -> Iterator[Api]:
    """A service that listens."""
    api = Api()
    thread = threading.Thread(target=api.server.serve_forever, args=(0.05,))
    thread.start()
    yield api
    api.server.shutdown()
    thread.join()
    api.server.server_close()


def run_python(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Another Python, without a terminal."""
    return subprocess.run(
        [sys.executable, "-c", text, *arguments],
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        stdin=subprocess.DEVNULL,
    )


__all__ = ["Api", "Played", "Runs", "run_python", "script"]
