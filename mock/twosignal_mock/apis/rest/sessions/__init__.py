"""Sign-in of people: access tokens, refresh tokens that rotate, and the end of a session."""

from twosignal_mock.apis.rest.sessions._handlers import handlers
from twosignal_mock.apis.rest.sessions._tokens import (
    Tokens,
    new_refresh_token,
    project_of_access,
    project_of_refresh,
    session_of_access,
)

__all__ = ["Tokens", "handlers", "new_refresh_token", "project_of_access", "project_of_refresh", "session_of_access"]
