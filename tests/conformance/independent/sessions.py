"""Sign-in of people: access tokens that are signed, refresh tokens that are used once."""

import hmac
import secrets
import threading
import time
import uuid
from dataclasses import dataclass, field

import jwt

from .values import ApiError, Fields, Json

ACCESS_LIFETIME = 3600  # seconds
REFRESH_LIFETIME = 30 * 24 * 3600  # seconds
_ALGORITHM = "HS256"


@dataclass(frozen=True)
class User:
    id: str
    email: str
    password: str


@dataclass(frozen=True)
class Session:
    id: str
    user: User


def _unauthorized(message: str) -> ApiError:
    return ApiError(401, "UNAUTHORIZED", message, {"WWW-Authenticate": "Bearer"})


@dataclass
class Sessions:
    """Who is signed in. `refreshes` maps a refresh token to its session and the second in which it expires."""

    users: dict[str, User]
    secret: str = field(default_factory=lambda: secrets.token_hex(32))
    lock: threading.Lock = field(default_factory=threading.Lock)
    open: set[str] = field(default_factory=set)
    refreshes: dict[str, tuple[Session, float]] = field(default_factory=dict)

    def login(self, body: Json) -> Json:
        fields = Fields(body)
        email, password = fields.text("email", 1, 320), fields.text("password", 1, 1000)
        user = self.users.get(email.lower())
        if user is None or not hmac.compare_digest(user.password.encode(), password.encode()):
            raise _unauthorized("Invalid e-mail or password")
        session = Session(str(uuid.uuid4()), user)
        with self.lock:
            self.open.add(session.id)
            return self._tokens(session)

    def refresh(self, body: Json) -> Json:
        token = Fields(body).text("refresh_token", 1, 4000)
        with self.lock:
            session, expires = self.refreshes.pop(token, (None, 0.0))
            if session is None or session.id not in self.open or expires < time.time():
                raise _unauthorized("Invalid or expired refresh token")
            return self._tokens(session)

    def logout(self, token: str | None) -> Json:
        try:
            claims = jwt.decode(token or "", self.secret, algorithms=[_ALGORITHM])
        except jwt.InvalidTokenError:
            raise _unauthorized("Invalid or expired access token") from None
        with self.lock:
            if claims["session"] not in self.open:
                raise _unauthorized("Invalid or expired access token")
            self.open.remove(claims["session"])
        return {"data": {"success": True}, "error": None}

    def _tokens(self, session: Session) -> Json:
        issued = int(time.time())
        expires = issued + ACCESS_LIFETIME
        claims = {
            "sub": session.user.id,
            "email": session.user.email,
            "iat": issued,
            "exp": expires,
            "jti": str(uuid.uuid4()),
            "session": session.id,
        }
        refresh = f"v1.{secrets.token_urlsafe(24)}"
        self.refreshes[refresh] = (session, time.time() + REFRESH_LIFETIME)
        data = {
            "access_token": jwt.encode(claims, self.secret, _ALGORITHM),
            "refresh_token": refresh,
            "expires_at": expires,
            "user": {"id": session.user.id, "email": session.user.email},
            "project_ref": "independent",
        }
        return {"data": data, "error": None}
