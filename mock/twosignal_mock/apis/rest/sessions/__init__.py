"""Sign-in of people: access tokens, refresh tokens that rotate, and the end of a session."""

from twosignal_mock.apis.rest.sessions._operations import operations
from twosignal_mock.apis.rest.sessions._values import Tokens

__all__ = ["Tokens", "operations"]
