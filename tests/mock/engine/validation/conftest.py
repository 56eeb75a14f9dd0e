"""The real contract, compiled, and what a refusal says."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from twosignal_contract import Contract, load_contract
from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.validation import CompiledOperation, Errors, Spelling, compile_operations

Said = Callable[[Callable[[], Any]], str]


@pytest.fixture(scope="session")
def contract() -> Contract:
    return load_contract()


@pytest.fixture(scope="session")
def operations(contract: Contract) -> dict[str, CompiledOperation]:
    return {operation.id: operation for operation in compile_operations(contract)}


@pytest.fixture(scope="session")
def spelled(contract: Contract) -> Callable[[Spelling], dict[str, CompiledOperation]]:
    def compile_spelled(spelling: Spelling) -> dict[str, CompiledOperation]:
        return {operation.id: operation for operation in compile_operations(contract, spelling=spelling)}

    return compile_spelled


@pytest.fixture(scope="session")
def said(contract: Contract) -> Said:
    """The message of the refusal that a call raises."""

    def message(act: Callable[[], Any]) -> str:
        with pytest.raises(Refusal) as caught:
            act()
        return str(Errors(contract).failure(caught.value).body["error"]["message"])

    return message
