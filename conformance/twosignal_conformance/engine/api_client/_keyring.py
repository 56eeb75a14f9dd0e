"""The keys and the user that a run was given, and one key that nobody was given."""

from __future__ import annotations

import random

from twosignal_contract import Contract

from twosignal_conformance.engine.api_client._secrets import Secrets
from twosignal_conformance.engine.api_client._settings import Key, Settings
from twosignal_conformance.engine.api_client._skipped import MissingOption

_PLACES = {
    Key.MAIN: "$TWOSIGNAL_API_KEY",
    Key.OTHER: "$TWOSIGNAL_OTHER_API_KEY",
    Key.REVOKED: "$TWOSIGNAL_REVOKED_API_KEY",
}
"""What stands for a key in whatever is shown: the variable that a copied command reads it from."""


class Keyring:
    """Makes everything it holds known as a secret."""

    def __init__(self, settings: Settings, contract: Contract, secrets: Secrets) -> None:
        for key, place in _PLACES.items():
            if key in settings.keys:
                secrets.learn(settings.keys[key], place)
        if settings.user is not None:
            secrets.learn(settings.user.password, "$TWOSIGNAL_PASSWORD")
        prefix = contract.dialects["api-key-prefix"].canonical
        # Derived from the run, so that it is the same in its repetition and in no other run; it is no secret.
        digits = random.Random(f"{settings.seed}/{settings.run_id}/never issued").getrandbits(128)  # noqa: S311
        self._keys = {**settings.keys, Key.NEVER_ISSUED: f"{prefix}{digits:032x}"}
        self._options = {
            "--user": settings.user is not None,
            "--plan": settings.plan is not None,
            "--allow-burst": settings.allow_burst,
        }

    def text(self, key: Key) -> str:
        """The key itself; MissingOption when it was not given."""
        self.need(key)
        return self._keys[key]

    def has(self, wanted: Key | str) -> bool:
        """Whether a key or an option was given."""
        return wanted in self._keys if isinstance(wanted, Key) else self._options[wanted]

    def need(self, *wanted: Key | str) -> None:
        """Raise MissingOption for the first that was not given."""
        for option in wanted:
            if not self.has(option):
                raise MissingOption(str(option))
