"""Every request that the document shows as an example gets its success, by a loop over the operations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock import MockServer, Sandbox

from tests.mock.contract_sweep.arranging import arrange, example_bodies, operation_object, parameter_examples, sign_in
from tests.mock.contract_sweep.opinions import Opinions

CONTRACT = load_contract()
WHOLE = "all parameters"
"""Names the request that gives every parameter its example at once."""

Ids = Callable[[httpx.Client, MockServer, Any], Any]

ISSUED: Mapping[str, Ids] = {
    "refreshSession": lambda client, mock, body: {**body, "refresh_token": sign_in(client, mock)["refresh_token"]},
}
"""Operation to what puts into its example body a thing that only the server can make."""


def _requests() -> Iterator[tuple[str, str]]:
    """Operation and name of each example request."""
    for operation in CONTRACT.operations.values():
        parameters = parameter_examples(CONTRACT, operation.id)
        bodies = example_bodies(CONTRACT, operation.id)
        yield from ((operation.id, name) for name in bodies)
        yield from ((operation.id, name) for name in parameters)
        yield from ((operation.id, name) for name in ([WHOLE] if not bodies else []))


# A version means nothing without a name (templates.resolve.version-alone).
COMPANIONS = {("getPromptTemplates", "version"): ("name",)}


def _query(operation_id: str, example: str) -> dict[str, str]:
    parameters = parameter_examples(CONTRACT, operation_id)
    names = parameters if example == WHOLE else (example, *COMPANIONS.get((operation_id, example), ()))
    wanted = {name: parameters[name] for name in names if name in parameters}
    return {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in wanted.items()}


def test_there_is_an_example_of_every_operation() -> None:
    assert {operation for operation, _ in _requests()} == set(CONTRACT.operations)


@pytest.mark.parametrize(("operation_id", "example"), [pytest.param(*each, id=" ".join(each)) for each in _requests()])
def test_an_example_request_gets_its_success(
    contract: Contract, mock: MockServer, sandbox: Sandbox, opinions: Opinions, operation_id: str, example: str
) -> None:
    operation = contract.operation(operation_id)
    described = operation_object(contract, operation_id)
    with httpx.Client(base_url=mock.url, headers={"Authorization": f"Bearer {sandbox.api_key}"}) as client:
        arrange(contract, client)
        if described.get("security") == [{"accessToken": []}]:
            client.headers["Authorization"] = f"Bearer {sign_in(client, sandbox)['access_token']}"
        body = example_bodies(contract, operation_id).get(example)
        if operation_id in ISSUED:
            body = ISSUED[operation_id](client, mock, body)
        answer = client.request(operation.method, operation.path, params=_query(operation_id, example), json=body)
    (success,) = (int(status) for status in described["responses"] if status.startswith("2"))
    assert answer.status_code == success, answer.text
    opinions.check(answer)
