"""Grants to JSON."""

from __future__ import annotations

from typing import Any

from twosignal_mock.apis.rest.sessions._values import Grant


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
