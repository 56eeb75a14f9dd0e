"""Authentication: which keys are taken, which are refused and how, on every operation that needs one."""

from __future__ import annotations

from twosignal_conformance.apis.rest.checks import ApiClient, Exchange, Judge, Key, TestData, actions, covers, responses
from twosignal_conformance.apis.rest.checks.group import Group
from twosignal_conformance.apis.rest.checks.judging import judge_response


@covers("auth.key.bearer")
def test_the_key_of_the_project_is_accepted_everywhere(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A valid request to each operation that needs a key."""
    refusal = client.contract.error("invalid-key").status
    requests = actions.valid_requests(client.contract, data)
    exchanges = [client.call(name, **options) for name, options in requests.items()]
    bad = [exchange for exchange in exchanges if exchange.status == refusal]
    judge.check(
        "auth.key.bearer",
        not bad,
        expected=f"the key is taken on all {len(exchanges)} operations",
        actual=_listed(bad),
        evidence=bad or exchanges[-1:],
    )


@covers("auth.key.missing", "auth.key.missing-status", "auth.key.code")
def test_a_request_without_a_key_is_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The same valid requests without Authorization."""
    _judge_refusal(client, judge, data, Key.NONE, "auth.key.missing", "missing-key")


@covers("auth.key.invalid", "auth.key.invalid-status", "auth.key.code")
def test_a_key_that_was_never_issued_is_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The same valid requests with a key that looks like one."""
    _judge_refusal(client, judge, data, Key.NEVER_ISSUED, "auth.key.invalid", "invalid-key")


@covers("auth.key.revoked", "auth.key.revoked-status", "auth.key.code", needs=(Key.REVOKED,))
def test_a_revoked_key_is_refused(client: ApiClient, judge: Judge, data: TestData) -> None:
    """The same valid requests with a key that was taken back."""
    _judge_refusal(client, judge, data, Key.REVOKED, "auth.key.revoked", "revoked-key")


@covers("auth.key.missing", "auth.key.invalid")
def test_what_is_refused_for_its_key_is_not_stored(client: ApiClient, judge: Judge, data: TestData) -> None:
    """Traces without a key and with one that was never issued; then none of them may be in the list of the project."""
    group = Group(client, judge, data, "keyless")
    sent = {
        "auth.key.missing": (group.trace("without"), Key.NONE),
        "auth.key.invalid": (group.trace("never issued"), Key.NEVER_ISSUED),
    }
    exchanges = {clause: group.send(trace, key=key) for clause, (trace, key) in sent.items()}
    seen = group.settled()
    for clause, (trace, _) in sent.items():
        if responses.refused(exchanges[clause]):
            judge.check(
                clause,
                not seen.shows([trace]),
                expected="a trace that was refused is not in the list",
                actual="it is" if seen.shows([trace]) else "it is not",
                evidence=(exchanges[clause], seen.page),
            )


@covers("auth.key.challenge")
def test_a_refusal_names_the_scheme(client: ApiClient, judge: Judge) -> None:
    """Many servers leave the challenge out."""
    exchange = client.call("listTraces", key=Key.NONE)
    judge.observe("auth.key.challenge", exchange.header("WWW-Authenticate") or "no WWW-Authenticate", evidence=exchange)


@covers("auth.key.other-scheme", "auth.key.scheme-case")
def test_the_scheme_is_bearer(client: ApiClient, judge: Judge) -> None:
    """The right key under other schemes, and under Bearer in small letters."""
    for scheme in ("Basic", "Token"):
        exchange = client.call("listTraces", scheme=scheme)
        judge_response(
            judge, "auth.key.other-scheme", exchange, responses.refused(exchange), f"a refusal of the scheme {scheme}"
        )
    exchange = client.call("listTraces", scheme="bearer")
    judge_response(judge, "auth.key.scheme-case", exchange, exchange.ok, "the scheme in small letters is taken")


@covers("auth.key.reads-own-project", needs=(Key.OTHER,))
def test_a_key_shows_only_its_own_project(client: ApiClient, judge: Judge, data: TestData) -> None:
    """A trace of one project is looked for with the key of another one, once its own key shows it."""
    trace = data.trace()
    actions.ingest(client, judge, data, trace)
    actions.shown(client, judge, trace)
    found, exchange = actions.look_up(client, trace, key=Key.OTHER)
    judge.require(exchange.ok, f"the other key's list was answered with {exchange.status}")
    judge.check(
        "auth.key.reads-own-project",
        found is None,
        expected="the trace is not in the other project's list",
        actual="it is" if found else "it is not",
        evidence=exchange,
    )


@covers("auth.key.before-body", profile="standard")
def test_the_order_in_which_a_request_is_looked_at(client: ApiClient, judge: Judge) -> None:
    """Requests with two faults each: which of them the response speaks of."""
    broken, text = b'{"broken": ', {"Content-Type": "text/plain"}
    path = f"{client.contract.operation('getHealth').path}-unknown"
    faults = {
        "route, key": client.request("GET", path, key=Key.NONE),
        "key, JSON": client.call("routeModel", key=Key.NONE, content=broken),
        "media type, JSON": client.call("routeModel", content=broken, headers=text),
    }
    told = ", ".join(f"{exchange.status} for {what}" for what, exchange in faults.items())
    judge.observe("auth.key.before-body", told, evidence=list(faults.values()))


def _judge_refusal(client: ApiClient, judge: Judge, data: TestData, key: Key, clause: str, cause: str) -> None:
    """Refused at all, with the right status, with the right code: three clauses, each over every operation.

    The score is of a trace of the project: of an unknown one it would be refused with any key. Where the list does not
    show that trace, the score decides nothing and is left out.
    """
    row = client.contract.error(cause)
    trace = data.trace()
    sent = client.call("ingestTraces", json=data.batch(trace))
    shows = sent.ok and actions.settled(client, trace).value[0] is not None
    requests = actions.valid_requests(client.contract, data, key, scored=trace)
    if not shows and not client.settings.dry:
        del requests["createScore"]
    exchanges = [client.call(name, **options) for name, options in requests.items()]
    refused = [exchange for exchange in exchanges if responses.refused(exchange)]
    taken = [exchange for exchange in exchanges if exchange not in refused]
    judge.check(clause, not taken, expected="a refusal", actual=_listed(taken), evidence=taken or exchanges[-1:])
    judge.require(refused, "nothing was refused")
    other = [exchange for exchange in refused if exchange.status != row.status]
    judge.check(
        f"{clause}-status",
        not other,
        expected=f"status {row.status}",
        actual=_listed(other),
        evidence=other or refused[-1:],
    )
    for exchange in refused:
        error = responses.error_of(client, exchange)
        if exchange.status == row.status and error is not None:
            judge.check(
                "auth.key.code", error.code == row.code, expected=row.code, actual=error.code, evidence=exchange
            )


def _listed(exchanges: list[Exchange]) -> str:
    return ", ".join(f"{row.status} for {row.method} {row.path}" for row in exchanges) or "as expected"
