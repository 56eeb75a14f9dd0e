"""By what a run was judged, as a digest: a result that was judged by something else is stale."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import twosignal_conformance
import twosignal_contract

from tests.conformance.apis.rest.broken.messages import CONTRACT

_LENGTH = 12
"""Hexadecimal digits that are kept."""

_DECIDING = ("apis/rest/checks", "apis/rest/model", "engine/api_client", "engine/fuzz", "engine/judgement")
"""Folders of the suite on which a verdict about a server depends; others read orders, write reports, judge clients."""

_ALSO = (
    *("_apis.py", "_inputs.py", "_judging.py", "_plugin.py", "engine/api.py", "engine/extras.py", "engine/options.py"),
    *("apis/rest/_api.py", "apis/rest/_fuzzing.py", "apis/rest/options.py"),
)
"""Modules beside them that select, order and run the checks."""


@cache
def digest_of_the_judge() -> str:
    """Of openapi.yaml, of its reader and of every file of the suite that may change a verdict about a server."""
    root, reader = (Path(str(package.__file__)).parent for package in (twosignal_conformance, twosignal_contract))
    digest = hashlib.sha256(CONTRACT.sha256.encode())
    files = [root / name for name in _ALSO] + [file for folder in _DECIDING for file in (root / folder).rglob("*.py")]
    files += reader.rglob("*.py")
    for name, file in sorted((file.relative_to(_base(file, root, reader)).as_posix(), file) for file in files):
        digest.update(f"{name}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:_LENGTH]


def _base(file: Path, *packages: Path) -> Path:
    """The folder that holds the package of a file."""
    return next(package.parent for package in packages if file.is_relative_to(package))


def digest_of_the_contract() -> str:
    """Of openapi.yaml alone, by which the control judges."""
    return CONTRACT.sha256[:_LENGTH]
