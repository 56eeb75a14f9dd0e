"""An honest server of the REST API, written from openapi.yaml and the documentation alone.

The suite was not tuned to it. It is plain on purpose: Starlette, dictionaries and locks, with its numbers as constants.
So its mistakes, which mutants.py makes one by one, are those that people make.

    python -m tests.conformance.independent.server --port 0
"""

import argparse
import socket
import time
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from math import ceil

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from . import evaluators, otlp, prompts, query, traces
from .sessions import Sessions, User
from .values import ApiError, Json, invalid, read_json, write_json

PLANS = {"free": 100, "pro": 1000, "team": 1000, "enterprise": 10000}  # requests in a window
WINDOW = 1.0  # seconds
MEGABYTE, KILOBYTE = 1024 * 1024, 1024
API_KEY = "ts_independent_0f3a9c2e71b84d65"
OTHER_API_KEY = "ts_independent_b7d2e80c4a6f1935"
REVOKED_API_KEY = "ts_independent_51c8d06f9e2b47aa"
EMAIL, PASSWORD = "dev@independent.example", "a password of the tests"
CODES = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}

Handler = Callable[[traces.Project, Json], Json]
Reader = Callable[[traces.Project, Mapping[str, str]], Json]
Endpoint = Callable[[Request], Awaitable[Response]]


def answer(value: Json, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(write_json(value), status, headers, "application/json")


def answer_error(error: ApiError) -> Response:
    return answer({"error": {"code": error.code, "message": error.message}}, error.status, error.headers)


# --- keys and rates -------------------------------------------------------------------------------------------------


@dataclass
class Key:
    """An API key, and when it was used within the last window."""

    project: traces.Project
    limit: int
    revoked: bool = False
    used: deque[float] = field(default_factory=deque)

    def count(self) -> dict[str, str]:
        """Headers that tell how much is left. One request more than the limit is refused and not counted."""
        moment = time.monotonic()
        while self.used and self.used[0] <= moment - WINDOW:
            self.used.popleft()
        refused = len(self.used) >= self.limit
        if not refused:
            self.used.append(moment)
        wait = max(1, ceil(self.used[0] + WINDOW - moment))
        headers = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.limit - len(self.used)),
            "RateLimit-Reset": str(wait),
        }
        if refused:
            message = f"Rate limit exceeded. Retry after {wait} second{'' if wait == 1 else 's'}."
            raise ApiError(429, "RATE_LIMIT_EXCEEDED", message, headers | {"Retry-After": str(wait)})
        return headers


def bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def find_key(keys: Mapping[str, Key], request: Request) -> Key:
    token = bearer(request)
    key = keys.get(token) if token else None
    if key is None or key.revoked:
        problem = "Missing" if token is None else "Invalid" if key is None else "Revoked"
        raise ApiError(401, "UNAUTHORIZED", f"{problem} API key", {"WWW-Authenticate": "Bearer"})
    return key


# --- bodies and queries ---------------------------------------------------------------------------------------------


async def read_body(request: Request, limit: int) -> Json:
    encoding = request.headers.get("content-encoding", "identity").lower()
    too_large = ApiError(413, "PAYLOAD_TOO_LARGE", f"The body is larger than {limit} bytes; split it")
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= limit:
            chunks.append(chunk)
    if size > limit:
        raise too_large
    media_type = request.headers.get("content-type", "application/json").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Type {media_type} is not supported: send JSON")
    if encoding not in ("identity", "gzip"):
        raise ApiError(415, "UNSUPPORTED_MEDIA_TYPE", f"Content-Encoding {encoding} is not supported: send gzip")
    raw = b"".join(chunks)
    if encoding == "gzip":
        raw = unzip(raw, limit)
        if len(raw) > limit:
            raise too_large
    return await run_in_threadpool(read_json, raw)


def unzip(raw: bytes, limit: int) -> bytes:
    """What was compressed, but no more than a byte over the limit."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(raw, limit + 1)
    except zlib.error as problem:
        raise invalid("body", f"not valid gzip: {problem}") from None
    if not unpacker.eof and len(unpacked) <= limit:
        raise invalid("body", "not valid gzip: it ends too early")
    return unpacked


def read_query(request: Request, names: tuple[str, ...]) -> dict[str, str]:
    for name in names:
        if len(request.query_params.getlist(name)) > 1:
            raise invalid(name, "stands in the query more than once")
    return {name: request.query_params[name] for name in names if name in request.query_params}


# --- application ----------------------------------------------------------------------------------------------------


def keyed(keys: Mapping[str, Key], carry_out: Callable[[traces.Project, Request], Awaitable[Response]]) -> Endpoint:
    """An endpoint that needs a key, counts it, and tells what is left of its rate."""

    async def endpoint(request: Request) -> Response:
        left: dict[str, str] = {}
        try:
            key = find_key(keys, request)
            left = key.count()
            response = await carry_out(key.project, request)
        except ApiError as error:
            response = answer_error(error)
        response.headers.update(left)
        return response

    return endpoint


def writing(keys: Mapping[str, Key], handler: Handler, limit: int, status: int) -> Endpoint:
    async def carry_out(project: traces.Project, request: Request) -> Response:
        body = await read_body(request, limit)
        return answer(await run_in_threadpool(handler, project, body), status)

    return keyed(keys, carry_out)


def reading(keys: Mapping[str, Key], reader: Reader, *names: str) -> Endpoint:
    async def carry_out(project: traces.Project, request: Request) -> Response:
        return answer(await run_in_threadpool(reader, project, read_query(request, names)))

    return keyed(keys, carry_out)


def signing(handler: Callable[[Json], Json]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        try:
            return answer(handler(await read_body(request, 100 * KILOBYTE)))
        except ApiError as error:
            return answer_error(error)

    return endpoint


async def health(_: Request) -> Response:
    return answer({"status": "ok"})


async def tell_http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    message = f"{request.method} {request.url.path}: {error.detail}"
    return answer_error(
        ApiError(error.status_code, CODES.get(error.status_code, "ERROR"), message, dict(error.headers or {}))
    )


async def tell_internal(*_: object) -> Response:
    return answer_error(ApiError(500, "INTERNAL_ERROR", "Internal error"))


def make_app(keys: Mapping[str, Key], sessions: Sessions) -> Starlette:
    async def logout(request: Request) -> Response:
        try:
            return answer(sessions.logout(bearer(request)))
        except ApiError as error:
            return answer_error(error)

    filters = ("limit", "cursor", "name", "status", "tags", "startDate", "endDate")
    endpoints: list[tuple[str, str, Endpoint]] = [
        ("GET", "health", health),
        ("POST", "traces", writing(keys, traces.ingest, 5 * MEGABYTE, 201)),
        ("GET", "traces", reading(keys, query.query, *filters)),
        ("POST", "otel/traces", writing(keys, otlp.ingest, 5 * MEGABYTE, 200)),
        ("POST", "scores", writing(keys, query.add_score, MEGABYTE, 201)),
        ("POST", "route-model", writing(keys, prompts.route, 512 * KILOBYTE, 200)),
        ("GET", "prompt-templates", reading(keys, prompts.get_templates, "name", "version")),
        ("POST", "prompt-templates", writing(keys, prompts.push_template, MEGABYTE, 201)),
        ("POST", "validate", writing(keys, evaluators.validate, MEGABYTE, 200)),
        ("POST", "auth/login", signing(sessions.login)),
        ("POST", "auth/refresh", signing(sessions.refresh)),
        ("POST", "auth/logout", logout),
    ]
    app = Starlette(
        routes=[Route(f"/api/v1/{path}", endpoint, methods=[method]) for method, path, endpoint in endpoints],
        middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["*"], allow_headers=["*"])],
        exception_handlers={HTTPException: tell_http_error, Exception: tell_internal},
    )
    app.router.redirect_slashes = False
    return app


def make_keys(plan: str) -> dict[str, Key]:
    limit = PLANS[plan]
    mine, other = traces.Project("mine"), traces.Project("other")
    return {
        API_KEY: Key(mine, limit),
        OTHER_API_KEY: Key(other, limit),
        REVOKED_API_KEY: Key(mine, limit, revoked=True),
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0, help="0 takes a free one")
    options.add_argument("--plan", choices=PLANS, default="free", help="sets the rate of both keys")
    chosen = options.parse_args()
    listener = socket.create_server(("127.0.0.1", chosen.port))
    app = make_app(make_keys(chosen.plan), Sessions({EMAIL: User("user-1", EMAIL, PASSWORD)}))
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    main()
