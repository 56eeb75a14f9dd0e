"""The options that only the REST API has."""

from __future__ import annotations

from twosignal_conformance.engine.options import User, user_option

USER = user_option("user", "Somebody who can sign in.", "$TWOSIGNAL_PASSWORD")

OPTIONS = (USER,)

__all__ = ["OPTIONS", "USER", "User"]
