"""A contract that states what nobody carries out stops the start with exit code 3 and the line of each mistake."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from twosignal_contract import load_contract
from twosignal_mock import MockServer

Json = dict[str, Any]
TRACES = "/api/v1/traces"


def _a_parameter_that_no_handler_reads(document: Json) -> None:
    document["paths"][TRACES]["get"]["parameters"].append(
        {
            "name": "colour",
            "in": "query",
            "description": "Only of this colour.",
            "schema": {"type": "string"},
            "example": "m",
        }
    )


def _a_scheme_that_nobody_checks(document: Json) -> None:
    document["components"]["securitySchemes"]["partner"] = {
        "type": "http",
        "scheme": "basic",
        "description": "Partners.",
    }
    document["paths"][TRACES]["get"]["security"] = [{"partner": []}]


def _another_kind_of_a_known_scheme(document: Json) -> None:
    document["components"]["securitySchemes"]["apiKey"]["scheme"] = "basic"


def _a_response_without_encoder(document: Json) -> None:
    content = document["paths"][TRACES]["get"]["responses"]["200"]["content"]
    content["application/xml"] = {"schema": {"type": "string"}, "examples": {"one": {"value": "<x/>"}}}


def _a_request_that_nobody_can_read(document: Json) -> None:
    content = document["paths"][TRACES]["post"]["requestBody"]["content"]
    content["text/csv"] = {"schema": {"type": "string"}, "examples": {"one": {"value": "a"}}}


def _an_operation_without_handler(document: Json) -> None:
    more = deepcopy(document["paths"]["/api/v1/health"]["get"]) | {"operationId": "listMore"}
    del more["x-clauses"]
    document["paths"]["/api/v1/more"] = {"get": more}


def _an_error_that_the_server_needs(document: Json) -> None:
    del document["x-errors"]["headers-too-large"]


CASES: list[tuple[Callable[[Json], None], str, str, str]] = [
    (
        _a_parameter_that_no_handler_reads,
        f"/paths/{TRACES}/get/parameters/7",
        "query parameter colour",
        "- name: colour",
    ),
    (_a_scheme_that_nobody_checks, "/components/securitySchemes/partner", "security scheme partner", "    partner:"),
    (_another_kind_of_a_known_scheme, "/components/securitySchemes/apiKey", "apiKey of type http basic", "    apiKey:"),
    (_a_response_without_encoder, f"/paths/{TRACES}/get/responses/200", "application/xml", "application/xml:"),
    (_a_request_that_nobody_can_read, f"/paths/{TRACES}/post/requestBody", "request media type text/csv", "text/csv:"),
    (_an_operation_without_handler, "/paths//api/v1/more/get", "operation listMore", "  /api/v1/more:"),
    (_an_error_that_the_server_needs, "/x-errors", "no error headers-too-large", "x-errors:"),
]


def _document() -> Json:
    read: Json = yaml.safe_load(load_contract().path.read_text(encoding="utf-8"))
    return read


def _write(document: Json, folder: Path) -> Path:
    file = folder / "openapi.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return file


@pytest.mark.parametrize(("change", "pointer", "found", "marker"), CASES, ids=[case[0].__name__[1:] for case in CASES])
def test_it_is_refused_with_its_line(
    tmp_path: Path, change: Callable[[Json], None], pointer: str, found: str, marker: str
) -> None:
    document = _document()
    change(document)
    file = _write(document, tmp_path)
    command = [sys.executable, "-m", "twosignal_mock", "serve", "--port", "0", "--contract", str(file)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3, ended.stderr
    (told,) = ended.stderr.splitlines()
    lines = file.read_text(encoding="utf-8").splitlines()
    expected = next(number for number, line in enumerate(lines, 1) if marker in line)
    match = re.match(rf"{re.escape(str(file))}:(\d+) (\S+): (.*); expected .*; ", told)
    assert match is not None, told
    assert match[2].replace("~1", "/").startswith(pointer)
    assert found in match[3]
    assert abs(int(match[1]) - expected) <= 1, f"{told}\nexpected line {expected}"


def test_the_check_tells_the_module_that_has_to_read_a_new_parameter(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "twosignal_mock", "check"]
    assert subprocess.run(command, timeout=60, check=False).returncode == 0
    document = _document()
    _a_parameter_that_no_handler_reads(document)
    more = ["--contract", str(_write(document, tmp_path))]
    ended = subprocess.run([*command, *more], capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3
    (module,) = re.findall(r"read it in (\S+) and name it", ended.stderr)
    assert "listTraces" in Path(f"mock/{module.replace('.', '/')}.py").with_name("_handlers.py").read_text()


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    document = _document()
    for change, *_ in CASES:
        if change is not _another_kind_of_a_known_scheme:
            change(document)
    command = [sys.executable, "-m", "twosignal_mock", "serve", "--contract", str(_write(document, tmp_path))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 3
    for change, _, found, _ in CASES:
        assert (found in ended.stderr) is (change is not _another_kind_of_a_known_scheme)


def test_a_document_without_the_optional_extensions_is_served(tmp_path: Path) -> None:
    document = _document()
    for keyword in ("x-dialects", "x-plans", "x-retry", "x-rate-limit", "x-questions"):
        del document[keyword]
    for item in document["paths"].values():
        for operation in item.values():
            operation.pop("x-rate-limit", None)
            for response in operation.get("responses", {}).values():
                response.get("headers", {}).clear()
    for response in document["components"].get("responses", {}).values():
        response.get("headers", {}).clear()
    with MockServer(contract=_write(document, tmp_path)) as mock:
        authorization = {"Authorization": f"Bearer {mock.api_key}"}
        for _ in range(150):
            listed = httpx.get(f"{mock.url}{TRACES}", headers=authorization)
            assert listed.status_code == 200
        assert "ratelimit-limit" not in listed.headers
        assert httpx.get(f"{mock.url}{TRACES}").status_code == 401


def test_an_api_that_nobody_serves_is_refused(tmp_path: Path) -> None:
    document = _document()
    document["x-api"]["name"] = "weather"
    command = [sys.executable, "-m", "twosignal_mock", "serve", "--contract", str(_write(document, tmp_path))]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, "weather" in ended.stderr) == (3, True), ended.stderr


def test_an_unknown_name_of_an_api_is_refused_with_those_that_exist() -> None:
    command = [sys.executable, "-m", "twosignal_mock", "serve", "--api", "rest,weather"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert "--api" in ended.stderr
    assert "'weather'" in ended.stderr
    assert "one of rest" in ended.stderr
