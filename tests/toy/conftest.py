"""The package of the API is installed once; its checks are the suite's, not ours."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from twosignal_mock import MockServer

from tests.toy.installation import CARD, DOCUMENT, install

collect_ignore = ["lamps"]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package, as pip leaves it; a process that has it on its path knows the API."""
    return install(tmp_path_factory.mktemp("lamps"))


@pytest.fixture(scope="module")
def server(installed: Path) -> Iterator[MockServer]:
    """The real mock as a process, that serves the API."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(installed))
        with MockServer(contract=DOCUMENT, api="lamps", api_key=CARD) as server:
            yield server
