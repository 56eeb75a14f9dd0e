"""Options, exit codes, bounds and lists of the mock's page against the code."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
import yaml
from twosignal_contract import load_contract
from twosignal_mock import _command_line, _serving, _settings
from twosignal_mock._commands import MISSING, NOT_READY
from twosignal_mock.apis.rest.evaluators import EVALUATORS
from twosignal_mock.engine.control import DEFAULT_BODY_LIMIT
from twosignal_mock.engine.http import KIBIBYTE, LONGEST_DELAY, MEBIBYTE, Bounds
from twosignal_mock.engine.sandbox import BODIES_LIMIT, BODY_LIMIT, DROPPED_ENTRIES, LEDGER_SIZE
from twosignal_mock.engine.validation import DEEPEST

from tests.end_to_end.pages import ROOT, rows

PAGE = "mock/README.md"


@pytest.fixture(scope="module")
def help_text() -> str:
    """`serve --help`, each option on one line."""
    command = [sys.executable, "-m", "twosignal_mock", "serve", "--help"]
    environment = os.environ | {"COLUMNS": "400"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout


def test_the_table_has_every_option_and_no_other() -> None:
    names = [name.removeprefix("--").replace("-", "_") for name, *_ in rows(PAGE, "option")]
    assert names == list(_settings.OPTIONS)


@pytest.mark.parametrize("name", list(_settings.OPTIONS))
def test_an_option_has_the_variable_and_the_default_of_the_help(help_text: str, name: str) -> None:
    option = f"--{name.replace('_', '-')}"
    (row,) = (row for row in rows(PAGE, "option") if row[0] == option)
    (line,) = (line for line in help_text.splitlines() if re.search(rf"{option}\s", line))
    assert row[1] == f"{_command_line.ENVIRONMENT_PREFIX}{name.upper()}"
    assert f"[env var: {row[1]}]" in line
    default = re.search(r"[(\[]default: (.*?)[)\]]", line)
    assert row[2] == (default[1] if default else "")


def test_the_exit_codes_are_those_of_the_code() -> None:
    known = {
        0,
        _command_line.USAGE,
        _command_line.UNUSABLE,
        _command_line.CANNOT_BIND,
        NOT_READY,
        MISSING,
        _serving.INTERRUPTED,
    }
    assert [int(code) for code, _ in rows(PAGE, "exit code")] == sorted(known)
    environment = os.environ | {"COLUMNS": "400"}
    command = [sys.executable, "-m", "twosignal_mock", "--help"]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    told = " ".join(told.split("Exit codes:")[1].split())
    assert {int(code) for code in re.findall(r"(?:^|, )([0-9]+) ", told)} == known


def test_the_bounds_are_those_of_the_code() -> None:
    bounds = Bounds()
    imported = control_document_limit("/__mock/v1/state")
    known = {
        "request line and headers": f"{bounds.head // KIBIBYTE} KiB",
        "connections at once": f"{bounds.connections}",
        "time for the headers": f"{bounds.head_seconds:g} s",
        "pause within a body": f"{bounds.body_seconds:g} s",
        "time for a whole body": f"{bounds.body_total_seconds:g} s",
        "pause between requests": f"{bounds.idle_seconds:g} s",
        "nesting of a body": f"{DEEPEST}",
        "longest `Prefer: delay": f"{LONGEST_DELAY} s",
        "body kept in the journal": f"{BODY_LIMIT // KIBIBYTE} KiB",
        "bodies kept in a journal": f"{BODIES_LIMIT // MEBIBYTE} MiB",
        "requests kept of dropped sandboxes": f"{DROPPED_ENTRIES:,}, with {BODIES_LIMIT // MEBIBYTE} MiB of bodies",
        "ids kept in a ledger": f"{LEDGER_SIZE:,}",
        "body of a control call": f"{DEFAULT_BODY_LIMIT // MEBIBYTE} MiB",
        "imported state": f"{imported // MEBIBYTE} MiB",
    }
    assert {name: value for name, value, *_ in rows(PAGE, "bound")} == known


def control_document_limit(path: str) -> int:
    """x-body-limit of the control API's own document."""
    document = yaml.safe_load((ROOT / "mock/twosignal_mock/engine/control/openapi.yaml").read_text())
    return int(document["paths"][path]["put"]["x-body-limit"])


def test_the_page_opens_with_what_is_missing() -> None:
    headings = re.findall(r"^## (.*)$", (ROOT / PAGE).read_text(), re.MULTILINE)
    assert headings[0] == "What it does not reproduce"


def test_the_page_names_the_evaluators_that_there_are() -> None:
    said = re.search(r"the (\d+) types of evaluators: ([A-Z_,\s]+)\.", (ROOT / PAGE).read_text())
    assert said
    assert set(re.split(r",\s+", said[2])) == set(EVALUATORS)
    assert int(said[1]) == len(EVALUATORS)


def test_the_page_names_the_plans_and_dialects_that_there_are() -> None:
    contract = load_contract()
    text = (ROOT / PAGE).read_text()
    *names, last = contract.plans
    assert f"its plan: {', '.join(names)} or {last}" in text
    for name, value in re.findall(r"--dialect ([\w-]+)=([\w-]+)", text):
        assert value in contract.dialects[name].values
