"""Calls of the dashboard's API in the name of a person: envelopes, the session cookie, a session that renews itself.

A session is renewed when its access token has expired, and when the server says that it has. It is done under the lock
of the session file, and from what the file then says: whoever comes second takes what the first one got.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

from ._address import Address
from ._connection import Connection
from ._errors import EXPIRED, ApiError, CommandError
from ._files import Files, Session
from ._responses import Response, explain, foreign, message, read_json, read_result
from .generated import policy

_EARLY = 5
"""Seconds before the end of an access token in which it is not sent any more: it would end on its way."""


class Account:
    """The person who is logged in, at a server."""

    def __init__(self, connection: Connection, files: Files) -> None:
        self._connection = connection
        self._files = files
        self._session: Session | None = None

    @property
    def address(self) -> Address:
        """The server."""
        return self._connection.address

    @property
    def session(self) -> Session:
        """The session, with an access token that has not expired; CommandError when there is none."""
        if self._session is None:
            self._session = _known(self._files.read_session(), self.address, self._files)
        if _expired(self._session):
            self._session = self._renewed(self._session)
        return self._session

    def log_in(self, email: str, password: str) -> Session:
        """Opens a session and keeps it."""
        with self._files.locked():
            response = self._post(policy.LOGIN, {"email": email, "password": password})
            if response.status == 401:
                cause = f"{self.address.url} does not know this e-mail with this password"
                raise CommandError("Login failed", cause, "Check both, then run `twosignal login` again")
            self._session = self._opened(response, "Login failed")
            self._files.write_session(self._session)
        return self._session

    def log_out(self) -> str:
        """Ends the session here, and at the server when it can be told. Gives why it could not; empty when it was."""
        try:
            session = self.session
            headers = {"Authorization": f"Bearer {session.access_token}"}
            status = self._connection.send("POST", policy.LOGOUT, headers=headers).status
            trouble = "" if status in (200, 204, 401) else f"it answered with status {status}"
        except CommandError as error:
            trouble = "" if error.title == EXPIRED.title else error.cause
        with self._files.locked():
            self._files.delete_session()
        return trouble

    def call(self, procedure: str, needed: Mapping[str, Any], optional: Mapping[str, Any]) -> Any:
        """The result of a procedure, without its envelope. Of `optional`, what is None is not sent."""
        sent = {**needed, **{name: value for name, value in optional.items() if value is not None}}
        try:
            return self._result(procedure, sent)
        except ApiError as error:
            other = policy.OTHER_SPELLING.get(procedure)
            if other is None or error.code != policy.NOT_FOUND:
                raise
            # A server may know it by its other name only; one that knows both says the same again.
            try:
                return self._result(other, sent)
            except ApiError:
                raise error from None

    def send(self, method: str, procedure: str, value: Any) -> Response:
        """The response to a call; a session that the server calls expired is renewed once."""
        session = self.session
        response = self._send(method, procedure, value, session)
        if response.status == 401:
            self._session = self._renewed(session)
            response = self._send(method, procedure, value, self._session)
        return response

    def _result(self, procedure: str, sent: Mapping[str, Any]) -> Any:
        response = self.send(policy.PROCEDURES[procedure].method, procedure, sent or None)
        return read_result(response, procedure, sent)

    def _send(self, method: str, procedure: str, value: Any, session: Session) -> Response:
        envelope = None if value is None else json.dumps({"json": value})
        query = {"input": envelope} if method == "GET" and envelope else None
        body = None if method == "GET" else (envelope or "{}").encode()
        headers = {"Cookie": cookie(session)}
        return self._connection.send(method, f"{policy.PREFIX}/{procedure}", query=query, headers=headers, body=body)

    def _renewed(self, old: Session) -> Session:
        """The session that follows another one."""
        with self._files.locked():
            now = _known(self._files.read_session(), self.address, self._files)
            if now.access_token != old.access_token and not _expired(now):
                return now
            # A refresh token works once. If what comes for it could not be kept, that shows before it is used up.
            self._files.write_session(now)
            response = self._post(policy.REFRESH, {"refresh_token": now.refresh_token})
            if response.status in (400, 401):
                raise ApiError(policy.UNAUTHORIZED, response.status, EXPIRED, said=message(response))
            fresh = self._opened(response, "Session not renewed")
            self._files.write_session(fresh)
            return fresh

    def _post(self, path: str, value: Mapping[str, Any]) -> Response:
        return self._connection.send("POST", path, body=json.dumps(value).encode())

    def _opened(self, response: Response, title: str) -> Session:
        """The session of a response to a login or a refresh."""
        if response.status != 200:
            raise explain(response, title, "Run `twosignal doctor`")
        value = read_json(response)
        try:
            data = value["data"]
            user = {"user_id": data["user"]["id"], "user_email": data["user"]["email"]}
            return Session.read({**data, **user, "api_url": self.address.url})
        except (KeyError, TypeError, ValueError):
            raise foreign(response) from None


def cookie(session: Session) -> str:
    """The header Cookie of a session, in pieces where one would be too long."""
    value = json.dumps(
        {
            "access_token": session.access_token,
            "refresh_token": session.refresh_token,
            "expires_at": session.expires_at,
            "token_type": "bearer",
            "user": {"id": session.user_id, "email": session.user_email},
        }
    ).replace(";", "\\u003b")  # the same text in JSON, and no end of the cookie
    name, length = policy.COOKIE.format(project_ref=session.project_ref), policy.COOKIE_PIECE_CHARACTERS
    if len(value) <= length:
        return f"{name}={value}"
    pieces = [value[start : start + length] for start in range(0, len(value), length)]
    named = ((policy.COOKIE_PIECE.format(cookie=name, index=index), piece) for index, piece in enumerate(pieces))
    return "; ".join(f"{name}={piece}" for name, piece in named)


def _expired(session: Session) -> bool:
    return session.expires_at < time.time() + _EARLY


def _known(session: Session | None, address: Address, files: Files) -> Session:
    """The session, when there is one and its tokens may go to this server."""
    fix = "Run `twosignal login`"
    if session is None:
        raise CommandError("Not logged in", f"There is no session in {files.session}", fix)
    if session.api_url and not address.is_of(session.api_url):
        cause = f"The session in {files.session} is of {session.api_url}, and not of {address.said}"
        raise CommandError("Not logged in there", cause, f"Run `twosignal login --url {address.url}`")
    return session
