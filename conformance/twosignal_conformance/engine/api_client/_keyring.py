"""The keys and options that a run was given, one key that nobody was given, and where a key stands in a request."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from twosignal_contract import Contract, SecurityScheme

from twosignal_conformance.engine.api_client._access import Access, Headers
from twosignal_conformance.engine.api_client._secrets import Secrets
from twosignal_conformance.engine.api_client._settings import Key, Settings
from twosignal_conformance.engine.api_client._skipped import MissingOption

_PLACES = {
    Key.MAIN: "$TWOSIGNAL_API_KEY",
    Key.OTHER: "$TWOSIGNAL_OTHER_API_KEY",
    Key.REVOKED: "$TWOSIGNAL_REVOKED_API_KEY",
}
"""What stands for a key in whatever is shown: the variable that a copied command reads it from."""

_TOKEN_PLACE = "$TWOSIGNAL_ACCESS_TOKEN"  # noqa: S105 - a name, not a token


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a request says who sends it."""

    headers: tuple[tuple[str, str], ...] = ()
    query: str = field(default="", repr=False)
    """A parameter of the query with its value."""


class Keyring:
    """Makes everything it holds known as a secret."""

    def __init__(self, settings: Settings, contract: Contract, access: Access, secrets: Secrets) -> None:
        self._secrets = secrets
        self._scheme = _scheme_of_the_key(contract)
        for key, place in _PLACES.items():
            if key in settings.keys:
                secrets.learn(settings.keys[key], place)
        for option in access.options:
            if option.flag in settings.options:
                for text, place in option.secrets(settings.options[option.flag]).items():
                    secrets.learn(text, place)
        # Derived from the run, so that it is the same in its repetition and in no other run; it is no secret.
        chance = random.Random(f"{settings.seed}/{settings.run_id}/never issued")  # noqa: S311
        self._keys = {**settings.keys, Key.NEVER_ISSUED: access.unissued_key(contract, chance)}
        self._signed: dict[Key, Headers] = {}
        self._flags = access.sign_in.options if access.sign_in else ()
        known = {option.flag: settings.options.get(option.flag) for option in access.options}
        self._options = {**known, "--plan": settings.plan, "--allow-burst": settings.allow_burst or None}

    def text(self, key: Key) -> str:
        """The key itself; MissingOption when it was not given."""
        self.need(key)
        return self._keys[key]

    def given(self, option: str) -> object:
        """The value of an option such as "--plan"; MissingOption when it was not given."""
        self.need(option)
        return self._options[option]

    def has(self, wanted: Key | str) -> bool:
        """True when a key or an option was given."""
        return (
            wanted in (self._keys.keys() | self._signed)
            if isinstance(wanted, Key)
            else self._options[wanted] is not None
        )

    def need(self, *wanted: Key | str) -> None:
        """Raise MissingOption for the first that was not given."""
        for option in wanted:
            if not self.has(option):
                raise MissingOption(str(option))

    def sign_in(self, headers: Mapping[Key, Headers]) -> None:
        """From now on these headers stand for keys."""
        self._signed.update(headers)

    def label(self, key: Key) -> str:
        """The option that gave a key, for the ledger."""
        return next((flag for flag in self._flags if self.has(flag)), str(key)) if key in self._signed else str(key)

    def token(self, text: str) -> Credentials:
        """An access token, sent as Bearer; it is a secret from now on."""
        self._secrets.learn(text, _TOKEN_PLACE)
        return Credentials((("Authorization", f"Bearer {text}"),))

    def credentials(self, key: Key, scheme: str | None = None) -> Credentials:
        """A key where the contract says that it stands; `scheme` instead of the documented one of Authorization."""
        if key is Key.NONE:
            return Credentials()
        if key in self._signed:
            return Credentials(self._signed[key])
        text = self.text(key)
        match self._scheme:
            case SecurityScheme(type="apiKey", where="query", parameter=str(name)):
                return Credentials(query=f"{quote(name)}={quote(text, safe='')}")
            case SecurityScheme(type="apiKey", where="cookie", parameter=str(name)):
                return Credentials((("Cookie", f"{name}={text}"),))
            case SecurityScheme(type="apiKey", parameter=str(name)):
                return Credentials(((name, text),))
        return Credentials((("Authorization", f"{scheme or 'Bearer'} {text}"),))


def _scheme_of_the_key(contract: Contract) -> SecurityScheme | None:
    """That of the operations which need the key; None when no operation does."""
    alternatives = (each for row in contract.operations.values() if row.keyed for each in row.security if each)
    return next((each[0] for each in alternatives), None)
