"""Runs a mock on a socket: binds, says when it is ready, serves, and ends on a signal."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

import uvicorn

from twosignal_mock._command_line import BindError, local_url
from twosignal_mock._composition import Mock, open_mock
from twosignal_mock._settings import MockSettings
from twosignal_mock.engine.http import AccessLog, Bounds, bind

INTERRUPTED = 130
"""Exit code after Ctrl-C: what a shell reports for it (128 + SIGINT)."""

_BACKLOG = 2048
_GRACE = 0.3
"""Seconds for responses under way when the server ends; with everything around it the end takes less than one."""
_TICK = 0.02
_PARENT = os.getppid()
"""Who started this process, as early as we can know it: a parent that ends while we start is missed otherwise."""
_PARENT_LOOK = 0.2
"""Seconds between two looks for it."""
_GARBAGE = 20_000
"""New objects between two looks of the collector; requests leave next to no cycles behind."""


def bind_socket(host: str, port: int) -> socket.socket:
    """A socket that is bound to an address, not yet listening; raises BindError."""
    where = f"{host} port {port}"
    try:
        family, kind, protocol, _, address = min(
            socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE),
            key=lambda found: found[0] != socket.AF_INET,  # "localhost" has two addresses; clients try both
        )
    except OSError as error:
        raise BindError(f"--host {host!r} is no address of this machine ({error.strerror}): try 127.0.0.1") from None
    bound = socket.socket(family, kind, protocol)
    try:
        if sys.platform != "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        then = "stop who listens there, choose another --port, or --port 0 for any free one"
        raise BindError(f"cannot listen on {where} ({error.strerror}): {then}") from None
    return bound


def base_url(bound: socket.socket, host: str) -> str:
    """The URL that clients on this machine use."""
    name, port = bound.getsockname()[:2]
    return local_url(host if host == "localhost" and name != "0.0.0.0" else name, port)  # noqa: S104 - compared, not bound


def serve(
    settings: MockSettings,
    bound: socket.socket,
    on_ready: Callable[[Mock], None],
    *,
    bounds: Bounds | None = None,
    stream: Any = None,
) -> int:
    """Serves until a signal says to end, and gives the exit code; raises StateError when the state cannot be used."""
    log = AccessLog(settings.log_format, stream)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(settings, bound, on_ready, bounds or Bounds(), log))


async def _serve(
    settings: MockSettings, bound: socket.socket, on_ready: Callable[[Mock], None], bounds: Bounds, log: AccessLog
) -> int:
    try:
        mock = await open_mock(settings, log)
    except BaseException:
        bound.close()
        log.close()
        raise
    config = uvicorn.Config(
        mock.application,
        http=bind(bounds, mock.application.refuse),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        proxy_headers=False,  # who calls is who connects: the control API asks for a loopback address
        backlog=_BACKLOG,
    )
    server = _Server(config, lambda: on_ready(mock), with_parent=settings.exit_with_parent)
    try:
        await server.serve([bound])
    finally:
        await mock.close()
    return INTERRUPTED if server.interrupted else 0


class _Server(uvicorn.Server):
    """Uvicorn's server, with an end that is quick and an exit code that is ours."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], *, with_parent: bool) -> None:
        super().__init__(config)
        self._with_parent = with_parent
        self._on_ready = on_ready
        self._end = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self.interrupted = False

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        # What start-up made stays for good: the collector need not look at it again.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_GARBAGE)
        self._on_ready()

    async def main_loop(self) -> None:
        """Wait for the end: a signal, or, when that is wanted, the end of the process that started this one."""
        look = _PARENT_LOOK if self._with_parent else None
        while not self._end.is_set() and (look is None or os.getppid() == _PARENT):
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), look)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let responses under way go out, then end."""
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        state = self.server_state
        for connection in tuple(state.connections):
            connection.shutdown()
        deadline = self._loop.time() + _GRACE
        while (state.connections or state.tasks) and self._loop.time() < deadline:  # noqa: ASYNC110 - two sets of uvicorn's, no event
            await asyncio.sleep(_TICK)
        for task in tuple(state.tasks):
            task.cancel()
        for connection in tuple(state.connections):
            connection.transport.abort()
        await asyncio.sleep(0)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch the signals that end a server, without raising them again as uvicorn does."""
        caught = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self.handle_exit) for number in caught}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the shape of a signal handler
        """A signal was received."""
        self.interrupted = sig == signal.SIGINT
        self.should_exit = True
        self._loop.call_soon_threadsafe(self._end.set)


def ready_record(mock: Mock, url: str) -> dict[str, object]:
    """What the ready file says."""
    settings = mock.settings
    return {
        "url": url,
        "control_url": f"{url}/__mock/v1",
        "api_key": settings.api_key,
        "email": settings.email,
        "password": settings.password,
        "pid": os.getpid(),
    }


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop
