"""Other people's tools read the documents without a warning: openapi-core, Schemathesis, Prism."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
import yaml
from openapi_core import OpenAPI
from schemathesis.core.result import Ok
from twosignal_contract import documents, load_contract


@pytest.fixture(scope="module", params=documents(), ids=lambda path: path.name)
def document(request: pytest.FixtureRequest) -> Path:
    """The file of each contract."""
    path: Path = request.param
    return path


@pytest.fixture(scope="module")
def operations(document: Path) -> set[str]:
    """`METHOD /path` of every operation."""
    tree = yaml.safe_load(document.read_text())  # the reader in Python is the strictest one
    return {f"{method.upper()} {path}" for path, methods in tree["paths"].items() for method in methods}


# Warnings are errors in this suite (pyproject.toml), so loading is the test.


def test_openapi_core_reads_it(document: Path, operations: set[str]) -> None:
    read = OpenAPI.from_path(document)
    assert len(read.spec["paths"]) == len({operation.split()[1] for operation in operations})


def test_schemathesis_reads_it_and_lists_every_operation(document: Path, operations: set[str]) -> None:
    schema = schemathesis.openapi.from_path(document)
    assert {
        operation.ok().label for operation in schema.get_all_operations() if isinstance(operation, Ok)
    } == operations


def test_schemathesis_follows_its_links(document: Path) -> None:
    assert schemathesis.openapi.from_path(document).as_state_machine()


@pytest.fixture
def prism_output(document: Path, npm_bin: Path, tmp_path: Path) -> Iterator[Path]:
    """What Prism prints while it serves the document."""
    output = tmp_path / "prism.txt"
    with output.open("wb") as file:
        command = [str(npm_bin / "prism"), "mock", "--port", "0", str(document)]
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        try:
            yield output
        finally:
            process.terminate()
            process.wait(10)


def test_prism_serves_it_without_a_warning(document: Path, prism_output: Path) -> None:
    listening = None
    for _ in range(300):
        text = prism_output.read_text()
        listening = re.search(r"listening on (http://\S+)", text)
        if listening:
            break
        time.sleep(0.1)
    assert listening, text
    contract = load_contract(document)
    served = re.findall(r"(GET|POST) +http://[^/]+(/[^?\s]+)", text)  # with an example for each parameter
    found = [row for method, path in served if (row := contract.operation_at(method, path))]
    assert {row.id for row in found} == contract.operations.keys()
    assert set(re.findall(r"\[CLI\] \S+ +(\w+)", text)) == {"awaiting", "info", "start"}, text  # no warn, no error
    response = httpx.request(served[0][0], listening[1] + served[0][1])
    status = 200 if found[0].is_open else 401
    assert (response.status_code, response.json()) == (status, found[0].response(status).example())
