"""The catalogue of errors: every cause that the code raises has a row, and every row is raised by somebody."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import twosignal_mock
from twosignal_contract import Contract
from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.validation import Errors

SOURCE = Path(twosignal_mock.__file__).parent

# Only faults and the state of the server raise these; they are asked for by status, never by name.
BY_STATUS = {"bad-gateway"}


def texts(contract: Contract) -> Iterator[tuple[str, str, bool]]:
    """(file, cause, whether it is raised) for every text in the code that is a cause, or is given to Refusal as one."""
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "Refusal"
                and node.args
            ):
                cause = node.args[0]
                if isinstance(cause, ast.Constant):
                    yield file.name, str(cause.value), True
            elif isinstance(node, ast.Constant) and node.value in contract.errors and file.name != "_clauses.py":
                yield file.name, str(node.value), False


def test_every_cause_that_is_raised_has_a_row(contract: Contract) -> None:
    unknown = {(file, cause) for file, cause, raised in texts(contract) if raised and cause not in contract.errors}
    assert not unknown


def test_every_row_is_used(contract: Contract) -> None:
    assert contract.errors.keys() - {cause for _, cause, _ in texts(contract)} - BY_STATUS == set()


def test_a_missing_value_never_breaks_an_error(contract: Contract) -> None:
    for cause, kind in contract.errors.items():
        failure = Errors(contract).failure(Refusal(cause))
        assert failure.status == kind.status
        assert failure.body["error"]["code"] == kind.code
        assert failure.body["error"]["message"]


def test_the_envelope_holds_code_and_message(contract: Contract) -> None:
    failure = Errors(contract).failure(Refusal("invalid-value", place="limit", problem="is 0"))
    code = contract.errors["invalid-value"].code
    assert failure.body == {"error": {"code": code, "message": "limit: is 0"}}
