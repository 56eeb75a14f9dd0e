"""The first two requests of a run: is the API there, and does it take the key. Says in one line what is the matter."""

from __future__ import annotations

import httpx

from twosignal_conformance.engine.api_client._client import ApiClient
from twosignal_conformance.engine.api_client._exchange import MISSING, Exchange
from twosignal_conformance.engine.api_client._request import Query
from twosignal_conformance.engine.api_client._settings import Key
from twosignal_conformance.engine.api_client._skipped import StillLimited, Unavailable

FIRST_TIMEOUT = 5.0
"""Seconds for each of these requests: a server that is up answers them at once, also from afar."""


class UnreachableError(Exception):
    """Nothing answers that could be judged; the message is for people."""


class RepeatedRunError(Exception):
    """The server holds the data of an earlier run with the same id; the message is for people."""


def look_for_earlier_run(client: ApiClient) -> None:
    """Raise RepeatedRunError when the run id was chosen and the server knows it.

    What a run creates follows from its id. Created twice it would be a conflict, or more than was sent: mistakes of a
    server that makes none.
    """
    own = client.settings
    run_id, creates = own.run_id, not own.read_only
    if own.chosen_run_id and creates and client.access.has_run(client):
        raise RepeatedRunError(
            f"--run-id {run_id}: {own.url} holds the data of a run with this id; expected one that is new "
            f"there: choose another, such as {run_id}-2, or leave it out"
        )


def reach(client: ApiClient) -> None:
    """Set the clock of the run from the server, or raise UnreachableError.

    Asks for health, then with the key for a listing. A server whose health is broken is judged all the same when the
    listing answers.
    """
    url = client.settings.url
    first = _asked(client, client.access.health)
    if first.status is None:
        raise UnreachableError(f"{url} cannot be reached: {first.problem}")
    if httpx.codes.is_redirect(first.status):
        place = first.header("location") or "another place"
        raise UnreachableError(f"{url} redirects to {place}; the key is not sent to another place: name that address")
    try:
        second = _asked(client, client.access.listing, client.access.listing_query)
    except StillLimited as skipped:
        raise UnreachableError(f"{url} answers, but {skipped.reason}; is its quota used up?") from None
    if second.status is None:
        raise UnreachableError(f"{url} answers {first.status} for {first.path}, then {second.problem}")
    if not first.ok or not _speaks(client, client.access.health, first):
        _judge_listing(client, first, second, second.status)
    if second.status == client.contract.error(client.access.key_refused).status:
        raise UnreachableError(f"{url} answers, but refuses {_who(client)}")
    client.set_clock(first)


def _who(client: ApiClient) -> str:
    sign_in = client.access.sign_in
    status = client.contract.error(client.access.key_refused).status
    if sign_in is None:
        return f"the API key with {status}: check {Key.MAIN}"
    return f"the sign-in with {status}: check {' or '.join(sign_in.options)}"


def _asked(client: ApiClient, operation_id: str, query: Query | None = None) -> Exchange:
    """The response, be it a gateway's."""
    try:
        return client.attempt(operation_id, timeout=FIRST_TIMEOUT, query=query or {})
    except Unavailable as skipped:
        return skipped.exchange


def _speaks(client: ApiClient, operation_id: str, exchange: Exchange) -> bool:
    """True when a body is JSON, or what else the operation is documented to give."""
    responses = client.contract.operation(operation_id).responses.values()
    return exchange.json is not MISSING or exchange.media_type in {
        name for response in responses for name in response.content if not name.endswith("json")
    }


def _judge_listing(client: ApiClient, first: Exchange, second: Exchange, status: int) -> None:
    """Raise unless the listing shows that there is an API behind the broken health."""
    url = client.settings.url
    if _speaks(client, client.access.listing, second) and not httpx.codes.is_server_error(status):
        if status != httpx.codes.NOT_FOUND:
            return
        raise UnreachableError(f"{url} has no such API: {first.path} and {second.path} are answered with {status}")
    if httpx.codes.is_server_error(status):
        raise UnreachableError(
            f"{url} answers with errors only: {first.status} for {first.path}, {status} for {second.path}"
        )
    kind = first.media_type or "no media type"
    raise UnreachableError(
        f"{url} answers, but not as the API: {first.path} gives {first.status} with {kind}, not JSON"
    )
