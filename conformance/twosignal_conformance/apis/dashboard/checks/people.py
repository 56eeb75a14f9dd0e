"""People and their sessions: who signs in over the REST API gets the cookie that the dashboard reads."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

import httpx

from twosignal_conformance.apis.dashboard.checks import procedures, rest
from twosignal_conformance.apis.dashboard.checks.data import Json
from twosignal_conformance.apis.dashboard.options import COOKIE, OTHER_USER, THIRD_USER, USER
from twosignal_conformance.engine.api_client import (
    MISSING,
    ApiClient,
    CheckSkipped,
    Exchange,
    Headers,
    Key,
    Options,
    UnreachableError,
    member,
)
from twosignal_conformance.engine.options import User

_PLACES = {
    USER.flag: "$TWOSIGNAL_SESSION_COOKIE",
    OTHER_USER.flag: "$TWOSIGNAL_OTHER_SESSION_COOKIE",
    THIRD_USER.flag: "$TWOSIGNAL_THIRD_SESSION_COOKIE",
}
"""What stands for the cookie of a person in whatever is shown."""

Form = Callable[[str], str]

RAW: Form = str
"""How the published clients write the value of the cookie: as JSON, and nothing around it."""

FORMS: tuple[Form, ...] = (
    RAW,
    lambda text: quote(text, safe=""),
    lambda text: f"base64-{base64.urlsafe_b64encode(text.encode()).decode().rstrip('=')}",
)
"""Ways to write it. A server that reads another one than the documented is judged by what it reads."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an open session."""

    id: str
    email: str
    session: Json = field(repr=False)
    """What the cookie holds."""
    project_ref: str | None
    headers: Headers = field(repr=False)

    @property
    def access(self) -> str:
        """The access token."""
        return str(self.session["access_token"])

    @property
    def options(self) -> Options:
        """Makes a call one of this person."""
        return {"key": Key.NONE, "headers": dict(self.headers)}


def main(client: ApiClient) -> Person:
    """Who the run judges as; MissingOption where only a cookie was given."""
    return _somebody(client, USER.flag)


def other(client: ApiClient) -> Person:
    """Another person; MissingOption without --other-user."""
    return _somebody(client, OTHER_USER.flag)


def third(client: ApiClient) -> Person:
    """A third person; MissingOption without --third-user."""
    return _somebody(client, THIRD_USER.flag)


def renew(client: ApiClient) -> None:
    """Sign in anew as who the run judges as: a logout may have ended all sessions of the person."""
    client.once(_book).pop(USER.flag, None)
    client.sign_in()


def open_sessions(client: ApiClient) -> Mapping[Key, Headers]:
    """The headers that stand for keys; UnreachableError when nobody gets in."""
    own = _given_cookie(client) if client.has(COOKIE.flag) else main(client).headers
    return {Key.MAIN: own, Key.NEVER_ISSUED: cookie(client, {"access_token": client.secret(Key.NEVER_ISSUED)})}


def log_in(client: ApiClient, flag: str) -> Exchange:
    """The response to a sign-in of the person that an option names."""
    user = client.given(flag)
    if not isinstance(user, User):
        raise TypeError(f"{flag} is no user: {user!r}")
    return rest.call(client, "login", json={"email": user.email, "password": user.password})


def person_of(client: ApiClient, exchange: Exchange, flag: str, form: Form | None = None) -> Person | None:
    """Who has the session of a sign-in or a refresh; None when the response holds none."""
    if client.settings.dry:
        return Person("id", "email", {"access_token": "access"}, None, ())
    data = exchange.at("data")
    access, identifier = member(data, "access_token"), member(data, "user", "id")
    if not exchange.ok or not isinstance(access, str) or not isinstance(identifier, str):
        return None
    email = str(member(data, "user", "email"))
    session: Json = {
        "access_token": access,
        "refresh_token": member(data, "refresh_token"),
        "expires_at": member(data, "expires_at"),
        "token_type": "bearer",
        "user": {"id": identifier, "email": email},
    }
    session = {name: value for name, value in session.items() if value is not MISSING}
    reference = member(data, "project_ref")
    reference = reference if isinstance(reference, str) else None
    way = form or client.once(form_of)[0]
    headers = cookie(client, session, reference, form=way, place=_PLACES[flag])
    return Person(identifier, email, session, reference, headers)


def cookie(
    client: ApiClient,
    session: Json,
    reference: str | None = None,
    *,
    form: Form = RAW,
    pieces: int = 0,
    place: str = "",
) -> Headers:
    """The header for a session: in one cookie, or in pieces when it is long or so many pieces are wanted.

    With a `place` the whole is a secret from now on, and that is shown instead.
    """
    row = client.contract.extension("x-dashboard-session")
    name = row["cookie"].format(project_ref=reference or "")
    value = form(json.dumps(session))
    size = row["piece-characters"]
    if pieces:
        size = -(-len(value) // pieces)
    if len(value) <= size:
        text = f"{name}={value}"
    else:
        parts = [value[start : start + size] for start in range(0, len(value), size)]
        names = (row["piece"].format(cookie=name, index=index) for index in range(len(parts)))
        text = "; ".join(f"{piece}={part}" for piece, part in zip(names, parts, strict=True))
    if place:
        client.secrets.learn(text, place)
    return (("Cookie", text),)


def form_of(_client: ApiClient) -> list[Form]:
    """How this server reads the cookie; `_main` finds out."""
    return [RAW]


def _book(_client: ApiClient) -> dict[str, Person]:
    """Option to who is signed in by it."""
    return {}


def _somebody(client: ApiClient, flag: str) -> Person:
    client.need(flag)
    book = client.once(_book)
    if flag not in book:
        book[flag] = _main(client) if flag == USER.flag else _guest(client, flag)
    return book[flag]


def _main(client: ApiClient) -> Person:
    """The first person: finds out how the server reads the cookie."""
    exchange = log_in(client, USER.flag)
    for form in FORMS:
        found = _person(client, exchange, form)
        first = procedures.call(client, client.access.listing, **found.options)
        if first.status != httpx.codes.UNAUTHORIZED:
            client.once(form_of)[0] = form
            return found
    return _person(client, exchange, RAW)


def _person(client: ApiClient, exchange: Exchange, form: Form) -> Person:
    found = person_of(client, exchange, USER.flag, form)
    if found is None:
        raise UnreachableError(
            f"{client.settings.url} answers, but the sign-in of {USER.flag} is answered with {exchange.status}: "
            f"check e-mail and password"
        )
    return found


def _guest(client: ApiClient, flag: str) -> Person:
    exchange = log_in(client, flag)
    found = person_of(client, exchange, flag)
    if found is None:
        raise CheckSkipped(f"the sign-in of {flag} was answered with {exchange.status}", f"give {flag} as it is")
    return found


def _given_cookie(client: ApiClient) -> Headers:
    return (("Cookie", str(client.given(COOKIE.flag))),)
