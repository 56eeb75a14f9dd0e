"""Sends replies as ASGI messages, or cuts the connection in their place."""

from __future__ import annotations

from twosignal_mock.wire._cycle import Cycle
from twosignal_mock.wire._exchange import Cut, Exchange, Receive, Reply, Send

CYCLE = "twosignal.cycle"
"""Scope extension of our own server: the Cycle of the request, which can do more than ASGI has messages for."""


async def send_reply(send: Send, exchange: Exchange, reply: Reply) -> None:
    """Send an answer; without its body to HEAD."""
    cycle = _cycle(exchange)
    if cycle is not None and cycle.answer(reply.status, reply.headers, reply.body):
        return
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    body = b"" if exchange.method == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_cut(send: Send, exchange: Exchange, cut: Cut) -> None:
    """Send what is begun of an answer, and cut the connection."""
    if cut.reply is not None:
        await send({"type": "http.response.start", "status": cut.reply.status, "headers": cut.reply.headers})
        await send({"type": "http.response.body", "body": cut.reply.body, "more_body": True})
    cycle = _cycle(exchange)
    if cycle is None:
        # No socket to cut: whoever called the application meets what its socket would have told.
        raise ConnectionResetError("the connection was cut by a fault of the mock")
    if cut.reply is None:
        cycle.cut()
    else:
        cycle.stop()


def _cycle(exchange: Exchange) -> Cycle | None:
    """The request as our own server has it; None behind any other."""
    cycle: Cycle | None = (exchange.scope.get("extensions") or {}).get(CYCLE)
    return cycle


async def serve_lifespan(receive: Receive, send: Send) -> None:
    """Say yes to the start and the end of the server: there is nothing to do."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
