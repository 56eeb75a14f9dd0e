"""What a project is used with: API keys, and passwords. The store keeps digests of both and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass

from twosignal_mock.engine.store._accounts import KeyRecord, Project, User

_TAIL = 4
_HEAD = 8
"""Characters of a key that people may see: at its end, and at its beginning if it is at least twice as long."""
_SCRYPT_N = 2**11
"""scrypt's n: 5 ms. Tests of a mock make users by the hundred; a real service would take 2**14 or more."""
_NOBODY = ("00" * 16, "00" * 64)
"""Salt and digest that no password fits: what is compared when there is no such user."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that was issued."""

    project: Project
    revoked: bool
    tail: str
    """Its last characters, for people."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a new project is used with. They are told once."""

    project: Project
    api_key: str
    email: str
    password: str


def key_record(
    key: str, project_id: str, now: int = 0, *, name: str = "", creator: str | None = None, replaces: str | None = None
) -> KeyRecord:
    """What the store keeps of a key that is made at `now`, milliseconds since 1970; the rest as in KeyRecord."""
    head = key[: min(_HEAD, len(key) // 2)]
    made = (str(uuid.uuid4()), name, head, now, creator, None, replaces, None)
    return KeyRecord(key_digest(key), project_id, key_tail(key), False, *made)


def key_digest(key: str) -> str:
    """The digest by which a key is found. So the time that it takes tells nothing of the keys that exist."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def key_tail(key: str) -> str:
    """The last characters of a key, for people."""
    return key[-_TAIL:]


def new_user(email: str, password: str, project_id: str) -> User:
    """A user with a fresh id and salt."""
    salt = secrets.token_hex(16)
    return User(str(uuid.uuid4()), email, _digest_password(password, salt), salt, project_id)


def password_fits(password: str, user: User | None) -> bool:
    """True when it is the user's password. It takes as long when there is no user."""
    salt, digest = _NOBODY if user is None else (user.salt, user.password_digest)
    return hmac.compare_digest(_digest_password(password, salt), digest) and user is not None


def _digest_password(password: str, salt: str) -> str:
    return hashlib.scrypt(
        password.encode(errors="surrogatepass"), salt=bytes.fromhex(salt), n=_SCRYPT_N, r=8, p=1
    ).hex()
