"""Sends replies as ASGI messages, or cuts the connection in their place."""

from __future__ import annotations

from twosignal_mock.engine.http._exchange import Cut, Exchange, Receive, Reply, Scope, Send


def sent_at_once(exchange: Exchange, reply: Reply) -> bool:
    """Send an answer without a wait, if that can be; whether it was."""
    cycle = exchange.cycle
    return cycle is not None and cycle.answer(reply.status, reply.headers, reply.body)


async def send_reply(send: Send, exchange: Exchange, reply: Reply) -> None:
    """Send an answer; without its body to HEAD."""
    await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
    body = b"" if exchange.method == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def send_cut(send: Send, exchange: Exchange, cut: Cut) -> None:
    """Send what is begun of an answer, and cut the connection."""
    if cut.reply is not None:
        await send({"type": "http.response.start", "status": cut.reply.status, "headers": cut.reply.headers})
        await send({"type": "http.response.body", "body": cut.reply.body, "more_body": True})
    cycle = exchange.cycle
    if cycle is None:
        # No socket to cut: whoever called the application meets what its socket would have told.
        raise ConnectionResetError("the connection was cut by a fault of the mock")
    if cut.reply is None:
        cycle.cut()
    else:
        cycle.stop()


async def serve_lifespan(scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG001 - the shape of ASGI
    """Say yes to the start and the end of the server: there is nothing to do."""
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
