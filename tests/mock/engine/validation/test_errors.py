"""The catalogue of errors: every cause that the code raises has a row, and every row is raised by somebody."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import twosignal_mock
from twosignal_contract import Contract, documents, load_contract
from twosignal_mock.apis import APIS
from twosignal_mock.engine.sandbox import ErrorCatalogue

CONTRACTS = [contract for path in documents() if (contract := load_contract(path)).api.name in APIS]
SOURCE = Path(twosignal_mock.__file__).parent

# Only faults and the state of the server raise these; they are asked for by status, never by name.
BY_STATUS = {"bad-gateway"}


def texts(contract: Contract) -> Iterator[tuple[str, str, bool]]:
    """(file, cause, whether it is raised) for every text that is a cause, or is given to ApiError as one."""
    others = {api for api in APIS if api != contract.api.name}
    for file in sorted(SOURCE.rglob("*.py")):
        if others & {*file.relative_to(SOURCE).parts}:
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "ApiError"
                and node.args
            ):
                cause = node.args[0]
                if isinstance(cause, ast.Constant):
                    yield file.name, str(cause.value), True
            elif isinstance(node, ast.Constant) and node.value in contract.errors and file.name != "_clauses.py":
                yield file.name, str(node.value), False


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.api.name)
def test_every_cause_that_is_raised_has_a_row(contract: Contract) -> None:
    unknown = {(file, cause) for file, cause, raised in texts(contract) if raised and cause not in contract.errors}
    assert not unknown


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.api.name)
def test_every_row_is_used(contract: Contract) -> None:
    by_contract = set(re.findall(r"\bcause: ([a-z-]+)", contract.path.read_text(encoding="utf-8")))
    assert contract.errors.keys() - {cause for _, cause, _ in texts(contract)} - BY_STATUS - by_contract == set()


def test_a_missing_value_never_breaks_an_error(contract: Contract) -> None:
    catalogue = ErrorCatalogue(contract.errors)
    for cause, error in contract.errors.items():
        body = catalogue.body(cause, {})
        assert catalogue.status(cause) == error.status
        assert body["error"]["code"] == error.code
        assert body["error"]["message"]


def test_the_body_is_the_template_with_the_values(contract: Contract) -> None:
    body = ErrorCatalogue(contract.errors).body("invalid-value", {"place": "limit", "problem": "is 0"})
    assert body == {"error": {"code": contract.errors["invalid-value"].code, "message": "limit: is 0"}}
