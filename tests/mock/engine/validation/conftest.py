"""The real contract, compiled, and what an error says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock.engine.api import ApiError, Spelling
from twosignal_mock.engine.sandbox import ErrorCatalogue
from twosignal_mock.engine.validation import CompiledOperation, Schemas, compile_operation, decode_json

Said = Callable[[Callable[[], Any]], str]


def compile_all(contract: Contract, spelling: Spelling = Spelling.BOTH) -> dict[str, CompiledOperation]:
    """Every operation of a contract."""
    schemas = Schemas(contract)
    return {
        operation.id: compile_operation(schemas, operation, spelling=spelling, too_many="too-many-events")
        for operation in contract.operations.values()
    }


def decode_body(operation: CompiledOperation, raw: bytes) -> tuple[Any, bool]:
    """The checked body, and whether it used another spelling than the contract's."""
    assert operation.body is not None
    value = decode_json(raw)
    return value, operation.body.check(value, raw)


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def operations(contract: Contract) -> dict[str, CompiledOperation]:
    return compile_all(contract)


@pytest.fixture(scope="session")
def spelled(contract: Contract) -> Callable[[Spelling], dict[str, CompiledOperation]]:
    def compile_spelled(spelling: Spelling) -> dict[str, CompiledOperation]:
        return compile_all(contract, spelling)

    return compile_spelled


@pytest.fixture(scope="session")
def said(contract: Contract) -> Said:
    """The message of the error that a call raises."""

    def message(act: Callable[[], Any]) -> str:
        with pytest.raises(ApiError) as caught:
            act()
        return str(ErrorCatalogue(contract.errors).body(caught.value.cause, caught.value.values)["error"]["message"])

    return message
