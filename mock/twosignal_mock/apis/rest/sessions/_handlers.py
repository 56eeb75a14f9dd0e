"""The handlers of sessions: login, refresh and logout."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest.sessions._tokens import (
    AccessTokens,
    TokenId,
    Tokens,
    digest,
    new_refresh_token,
    project_of_refresh,
)
from twosignal_mock.apis.rest.store import SessionRecord, repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler, UserDirectory
from twosignal_mock.engine.store import User

if TYPE_CHECKING:
    from twosignal_mock.engine.store import Transaction


def handlers(contract: Contract, dependencies: Dependencies) -> tuple[Handler, ...]:
    """Those of login, refresh and logout."""
    desk = _Desk(contract, dependencies)
    return (
        Handler("login", desk.login, writes=True, locate=desk.locate_login),
        Handler("refreshSession", desk.refresh, writes=True, locate=_locate_refresh),
        Handler("logout", desk.logout, writes=True),
    )


class _Desk:
    """Where people sign in and out."""

    def __init__(self, contract: Contract, dependencies: Dependencies) -> None:
        self._users: UserDirectory = dependencies.users
        tokens = Tokens.read(contract.extension("x-rest-tokens"))
        self._access = AccessTokens(tokens, dependencies.token_secret)
        self._refresh_lifetime = tokens.refresh_lifetime * 1000

    def login(self, call: Call, transaction: Transaction) -> object:
        user = self._users.sign_in(call.body["email"], call.body["password"])
        if user is None or user.project_id != call.project.id:
            raise ApiError("invalid-credentials")
        repositories_of(transaction).sessions.end_expired(call.now)
        return self._grant(call, transaction, user, call.new_id(), call.now)

    def refresh(self, call: Call, transaction: Transaction) -> object:
        """Look-up and rotation are one write: of several refreshes with one token at the same time one finds it."""
        session = repositories_of(transaction).sessions.find_by_refresh(digest(call.body["refresh_token"]))
        if session is None or session.refresh_expires <= call.now:
            raise ApiError("invalid-refresh-token")
        user = self._users.find_user_by_id(session.user)
        if user is None:
            raise ApiError("invalid-refresh-token")
        return self._grant(call, transaction, user, session.id, session.created)

    def logout(self, call: Call, transaction: Transaction) -> object:
        token_id = None if call.token is None else self._access.read(call.token, call.now)
        # A token of another project finds no session here: the transaction sees this project alone.
        if token_id is None or repositories_of(transaction).sessions.find(token_id.session) is None:
            raise ApiError("invalid-access-token")
        repositories_of(transaction).sessions.end(token_id.session)
        return write_end()

    def locate_login(self, body: Any) -> str | None:
        """The project of the user with the e-mail of the body."""
        email = body.get("email") if isinstance(body, dict) else None
        user = self._users.find_user(email) if isinstance(email, str) else None
        return None if user is None else user.project_id

    def _grant(self, call: Call, transaction: Transaction, user: User, session: str, created: int) -> object:
        project = call.project.id
        access_token, expires_at = self._access.issue(user, TokenId(project, session, call.new_id()), call.now)
        refresh_token = new_refresh_token(project)
        expires = call.now + self._refresh_lifetime
        repositories_of(transaction).sessions.put(
            SessionRecord(session, user.id, digest(refresh_token), expires, created)
        )
        return write_grant(Grant(access_token, expires_at, refresh_token, user.id, user.email, project))


def _locate_refresh(body: Any) -> str | None:
    value = body.get("refresh_token") if isinstance(body, dict) else None
    return project_of_refresh(value) if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class Grant:
    """What somebody gets who signs in or refreshes."""

    access_token: str
    expires_at: int
    """When the access token expires: Unix time in seconds."""
    refresh_token: str
    user_id: str
    email: str
    project_id: str


def write_grant(grant: Grant) -> dict[str, Any]:
    """SessionResult."""
    return {
        "data": {
            "access_token": grant.access_token,
            "refresh_token": grant.refresh_token,
            "expires_at": grant.expires_at,
            "user": {"id": grant.user_id, "email": grant.email},
            "project_ref": grant.project_id,
        },
        "error": None,
    }


def write_end() -> dict[str, Any]:
    """LogoutResult."""
    return {"data": {"success": True}, "error": None}
