"""The pytest plugin: `twosignal_mock`, a server for the run, and `twosignal_sandbox`, a fresh sandbox for each test.

Under pytest-xdist each worker has a server of its own on a port of its own, so workers share nothing. Extra options of
`twosignal-mock serve` come from the command line, `--twosignal-mock-arg=--plan=pro` (may be repeated), and before them
from the ini option `twosignal_mock_args`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from twosignal_mock._control_client import Sandbox
    from twosignal_mock._server import MockServer

_INI = "twosignal_mock_args"
_OPTION = "--twosignal-mock-arg"
_LONGEST_NAME = 100
"""Characters; the schema Name of control/openapi.yaml."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Tell pytest of the plugin's options."""
    parser.addini(_INI, "options of `twosignal-mock serve` for the fixture twosignal_mock", type="args", default=[])
    group = parser.getgroup("twosignal-mock", "twosignal-mock: the mock of the 2Signal API")
    group.addoption(
        _OPTION,
        action="append",
        default=[],
        metavar="ARG",
        help=f"an option of `twosignal-mock serve`, such as {_OPTION}=--plan=pro; may be repeated; after {_INI}",
    )


@pytest.fixture(scope="session")
def twosignal_mock(request: pytest.FixtureRequest) -> Iterator[MockServer]:
    """A mock server (`twosignal_mock.MockServer`) for the whole run; under xdist one for each worker.

    Its start sandbox is shared by all tests of the run. Ask for `twosignal_sandbox` instead where that would matter.
    """
    from twosignal_mock._server import MockServer

    config = request.config
    with MockServer(arguments=[*config.getini(_INI), *config.getoption(_OPTION)]) as server:
        yield server


@pytest.fixture
def twosignal_sandbox(twosignal_mock: MockServer, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """A sandbox with an API key of its own, dropped after the test.

    It is named after the test: made ids and random faults are the same in every run with the same seed.
    """
    with twosignal_mock.sandbox(_name(request.node.nodeid)) as sandbox:
        yield sandbox


def _name(nodeid: str) -> str:
    """The end of a test's id, which tells most, in the characters that a name may have."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", nodeid)[-_LONGEST_NAME:].lstrip("._-") or "test"
