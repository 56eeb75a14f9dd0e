"""Who calls: reads the credentials that the contract's security schemes name, and finds the project behind them.

Where a credential is sent says the contract (the header Authorization, another header, the query, a cookie); what it
is says the API: a key of the project registry, or a token of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl

from twosignal_contract import Contract, Operation, Problem, SecurityScheme

from twosignal_mock.engine.api import KeyScheme, Project, TokenScheme
from twosignal_mock.engine.store import UNKEYED, ProjectRegistry, TakenError
from twosignal_mock.engine.validation import read_cookies

_MOST_KEPT = 1000
"""Credentials whose callers are kept; a key has one or two."""

Headers = Mapping[bytes, bytes]
Read = Callable[[Headers, bytes], "str | bytes | None"]
"""(headers, query string) to a credential as it was sent; None when none was."""
Parse = Callable[["str | bytes"], "str | None"]
"""From what was sent to the credential in it; None when there is none."""
OpenSandbox = Callable[[str], Awaitable[Project]]
"""From an unknown key to the project that it opens; raises TakenError when another request with it came first."""


class Caller(NamedTuple):
    """Who calls, as far as the credentials say."""

    project: Project
    """The reserved project when no known key was sent."""
    key: str | None = None
    """The API key when it is known and not revoked."""
    token: str | None = None
    """The credential that is no known key."""
    error: str | None = None
    """The cause for which an operation refuses this caller; None: it does not. Empty: no token was sent."""


# --- where a credential is sent --------------------------------------------------------------------------------------
def _read_authorization(headers: Headers, _query: bytes) -> bytes | None:
    return headers.get(b"authorization")


def _parse_bearer(sent: str | bytes) -> str | None:
    """The token of a header value; None when there is none of the scheme Bearer (RFC 6750; the scheme in any case)."""
    text = sent if isinstance(sent, str) else sent.decode("latin-1")
    scheme, _, token = text.partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def _parse_plain(sent: str | bytes) -> str | None:
    return (sent if isinstance(sent, str) else sent.decode("latin-1")).strip() or None


def _from_header(name: str) -> Read:
    key = name.lower().encode()
    return lambda headers, _query: headers.get(key)


def _from_query(name: str) -> Read:
    def read(_headers: Headers, query: bytes) -> str | None:
        return dict(parse_qsl(query.decode("latin-1"))).get(name) if query else None

    return read


def _from_cookie(name: str) -> Read:
    def read(headers: Headers, _query: bytes) -> str | None:
        values = read_cookies(headers).get(name) if b"cookie" in headers else None
        return values[-1] if values else None

    return read


def _from_cookies(parse: Callable[[str], str | None]) -> Read:
    def read(headers: Headers, _query: bytes) -> str | None:
        sent = headers.get(b"cookie")
        return None if sent is None else parse(sent.decode("latin-1"))

    return read


_PLACES: Mapping[str | None, Callable[[str], Read]] = {
    "header": _from_header,
    "query": _from_query,
    "cookie": _from_cookie,
}


def _place(scheme: SecurityScheme, rule: KeyScheme | TokenScheme) -> tuple[Read, Parse] | None:
    """How to read the credential of a scheme; None for a kind of scheme that nobody can check."""
    if scheme.where == "cookie" and isinstance(rule, TokenScheme) and rule.cookie is not None:
        return _from_cookies(rule.cookie), _parse_plain
    if scheme.type == "http" and (scheme.scheme or "").lower() == "bearer":
        return _read_authorization, _parse_bearer
    if scheme.type == "apiKey" and scheme.where in _PLACES:
        return _PLACES[scheme.where](scheme.parameter or ""), _parse_plain
    return None


# --- what a credential is --------------------------------------------------------------------------------------------
class _Key:
    """A credential that is an API key. Keys are found by digest, so that the time tells nothing of those that exist."""

    def __init__(self, callers: Callers, rule: KeyScheme, read: Read, parse: Parse) -> None:
        self.rule = rule
        self.decides = rule.decides
        self._callers = callers
        self._registry = callers.registry
        self._read = read
        self._bearer = read is _read_authorization
        self._parse = parse
        self._kept: dict[str | bytes | None, Caller] = {}
        """Of credentials with a known key, and of none; as of `_version` of the registry."""
        self._version = self._registry.version

    def find(self, headers: Headers, query: bytes) -> Caller:
        # The header that most keys are sent in is looked up here: every request pays for a further call.
        sent = headers.get(b"authorization") if self._bearer else self._read(headers, query)
        if self._version != self._registry.version:
            self._kept.clear()
            self._version = self._registry.version
        kept = self._kept.get(sent)
        if kept is not None:
            return kept
        caller = self.caller_of(None if sent is None else self._parse(sent))
        if caller.key is not None or sent is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[sent] = caller
        return caller

    def caller_of(self, key: str | None) -> Caller:
        unkeyed = self._callers.unkeyed
        if key is None:
            return Caller(unkeyed, error=self.rule.missing)
        known = self._registry.find_key(key)
        if known is None:
            return Caller(unkeyed, token=key, error=self.rule.unknown)
        if known.revoked:
            return Caller(unkeyed, token=key, error=self.rule.revoked)
        return Caller(known.project, key)


class _Token:
    """A credential that the API checks itself."""

    decides = False

    def __init__(self, callers: Callers, rule: TokenScheme, read: Read, parse: Parse) -> None:
        self._callers = callers
        self._rule = rule
        self._read = read
        self._parse = parse

    def find(self, headers: Headers, query: bytes) -> Caller:
        sent = self._read(headers, query)
        token = None if sent is None else self._parse(sent)
        if token is None:
            return Caller(self._callers.unkeyed, error="")
        return Caller(self._callers.project(self._rule.locate(token)), token=token)


_Credential = _Key | _Token


class Admission:
    """Who may call one operation: alternatives, each of credentials that are needed together."""

    def __init__(self, callers: Callers, alternatives: Sequence[tuple[_Credential, ...]], *, anybody: bool) -> None:
        self._callers = callers
        self._alternatives = alternatives
        self._anybody = anybody
        self._nobody: Caller | None = None
        """The caller whose credential holds for nothing, where none is needed."""
        sole = alternatives[0][0] if len(alternatives) == 1 and len(alternatives[0]) == 1 else None
        if isinstance(sole, _Key):
            # Nearly every operation: one look-up.
            self._key = sole
            self.find = self._find_optional if anybody else sole.find  # type: ignore[method-assign]

    def find(self, headers: Headers, query: bytes) -> Caller:
        """The caller of a request: by the first alternative that holds, else with the error of the one that was tried.

        An operation that anybody may call has no error; a token that is missing is the handler's to judge.
        """
        worst: Caller | None = None
        for alternative in self._alternatives:
            caller = _together([each.find(headers, query) for each in alternative])
            if caller.error is None:
                return caller
            if caller.token is not None and any(each.decides for each in alternative):
                worst = caller
                break
            if worst is None or not worst.error or (worst.token is None and caller.token is not None):
                worst = caller
        if worst is None or self._anybody or not worst.error:
            return Caller(self._callers.unkeyed)
        return worst

    def _find_optional(self, headers: Headers, query: bytes) -> Caller:
        caller = self._key.find(headers, query)
        if caller.error is None:
            return caller
        if self._nobody is None or self._nobody.project is not caller.project:
            self._nobody = Caller(caller.project)
        return self._nobody

    async def admit(self, caller: Caller) -> Caller:
        """The caller with an unknown key that opens a sandbox of its own, if that is allowed; else the same one."""
        key, open_sandbox = caller.token, self._callers.open_sandbox
        if key is None or open_sandbox is None:
            return caller
        schemes = [each for alternative in self._alternatives for each in alternative]
        for each in schemes:
            # What may be a token of the API's own, that it refused, is no key.
            if isinstance(each, _Token) or caller.error != each.rule.unknown:
                return caller
            try:
                return Caller(await open_sandbox(key), key)
            except TakenError:
                return each.caller_of(key)
        return caller


def _together(callers: Sequence[Caller]) -> Caller:
    """One caller of several credentials: all of them must hold."""
    first = callers[0]
    if len(callers) == 1:
        return first
    wrong = next((each for each in callers if each.error is not None), None)
    if wrong is not None:
        return wrong
    keyed = next((each for each in callers if each.key is not None), first)
    return Caller(keyed.project, keyed.key, next((each.token for each in callers if each.token is not None), None))


class Callers:
    """Makes the admissions of a server's operations."""

    def __init__(self, registry: ProjectRegistry, *, open_sandbox: OpenSandbox | None = None) -> None:
        """`open_sandbox`: what an unknown key does; None: it is refused."""
        self.registry = registry
        self.open_sandbox = open_sandbox

    @property
    def unkeyed(self) -> Project:
        """The reserved project of all requests without a known key."""
        project = self.registry.project(UNKEYED)
        if project is None:
            raise LookupError(UNKEYED)
        return project

    def project(self, project_id: str | None) -> Project:
        """The project of an id; the reserved one when there is none."""
        found = None if project_id is None else self.registry.project(project_id)
        return self.unkeyed if found is None else found

    def compile(
        self,
        contract: Contract,
        rules: Mapping[str, KeyScheme | TokenScheme],
        operations: Iterable[Operation],
        refused: Mapping[str, frozenset[str]],
    ) -> tuple[dict[str, Admission], Admission]:
        """Admissions by operation, and that of requests which need no credential but may have one.

        `refused`: by operation, the schemes that it does not take.
        """
        credentials = dict(self._credentials(contract, rules))
        keys = [(each,) for each in credentials.values() if isinstance(each, _Key)]
        anybody = Admission(self, keys, anybody=True)
        admissions = {
            operation.id: anybody
            if not operation.security
            else Admission(
                self,
                [
                    tuple(credentials[scheme.name] for scheme in schemes)
                    for schemes in operation.security
                    if schemes and refused.get(operation.id, frozenset()).isdisjoint(each.name for each in schemes)
                ],
                anybody=operation.is_open,
            )
            for operation in operations
        }
        return admissions, anybody

    def _credentials(
        self, contract: Contract, rules: Mapping[str, KeyScheme | TokenScheme]
    ) -> Iterator[tuple[str, _Credential]]:
        for name, scheme in contract.security_schemes.items():
            rule = rules.get(name)
            if rule is not None and (place := _place(scheme, rule)) is not None:
                make = _Key if isinstance(rule, KeyScheme) else _Token
                yield name, make(self, rule, *place)  # type: ignore[arg-type]  # each class with its own rule


def find_scheme_problems(contract: Contract, rules: Mapping[str, KeyScheme | TokenScheme]) -> Iterator[Problem]:
    """Security schemes of a contract that nobody can check."""
    for name, scheme in contract.security_schemes.items():
        if name not in rules:
            known = ", ".join(rules) or "none"
            found = f"security scheme {name}, which this API does not check"
            yield contract.problem(scheme.pointer, found, f"one that it checks ({known})", "take it out")
        elif _place(scheme, rules[name]) is None:
            found = f"security scheme {name} of type {scheme.type}" + (f" {scheme.scheme}" if scheme.scheme else "")
            yield contract.problem(scheme.pointer, found, "http bearer, or apiKey", "change it")
