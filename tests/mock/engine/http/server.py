"""A mock in a process of its own, with tight bounds, and raw sockets to it."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCRIPT = """
import json, sys
from pathlib import Path
from twosignal_mock._ready_file import ReadyFile
from twosignal_mock._serving import base_url, bind_socket, ready_record, serve
from twosignal_mock._settings import make_settings
from twosignal_mock.engine.http import Bounds
settings = make_settings(port=0, **json.loads(sys.argv[2]))
bound = bind_socket(settings.host, settings.port)
url = base_url(bound, settings.host)
ready = ReadyFile(Path(sys.argv[1]))
sys.exit(serve(settings, bound, lambda mock: ready.write(ready_record(mock, url)),
               bounds=Bounds(**json.loads(sys.argv[3]))))
"""


class Server:
    """A server that runs."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self.url = str(ready["url"])
        self.key = str(ready["api_key"])
        self.pid = int(ready["pid"])
        self.port = int(self.url.rsplit(":", 1)[1])

    def connect(self, timeout: float = 10) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout)

    def exchange(self, *parts: bytes, pause: float = 0) -> bytes:
        """Everything that comes back until the server closes."""
        with self.connect() as peer:
            for part in parts:
                peer.sendall(part)
                if pause:
                    time.sleep(pause)
            return read_all(peer)

    def memory(self, what: str = "VmHWM") -> int:
        """Bytes: the highest resident size so far (VmHWM) or the present one (VmRSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith(what))


@contextmanager
def running(folder: Path, bounds: dict[str, float] | None = None, **options: object) -> Iterator[Server]:
    """A server with these bounds and options; ends with the block."""
    ready = folder / "ready.json"
    arguments = [str(ready), json.dumps(options), json.dumps(bounds or {})]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-c", SCRIPT, *arguments], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline, "it did not start"
            time.sleep(0.01)
        yield Server(json.loads(ready.read_text()))
    finally:
        process.terminate()
        process.wait(10)


def read_all(peer: socket.socket) -> bytes:
    """What comes until the end."""
    received = b""
    while part := peer.recv(65_536):
        received += part
    return received


def read_answer(peer: socket.socket) -> bytes:
    """One answer with a Content-Length."""
    received = b""
    while b"\r\n\r\n" not in received:
        part = peer.recv(65_536)
        if not part:
            return received
        received += part
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next(int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:"))
    while len(body) < length:
        part = peer.recv(65_536)
        if not part:
            break
        body += part
    return head + b"\r\n\r\n" + body
