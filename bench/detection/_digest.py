"""By what a run was judged, as a digest: a result that was judged by something else is stale."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import twosignal_conformance

from tests.conformance.apis.rest.broken.messages import LAW

_LENGTH = 12
"""Hexadecimal digits that are kept."""

_DECIDING = ("apis/rest/checks", "contract", "engine/fuzz", "engine/judgement", "apis/rest/model", "engine/api_client")
"""Folders of the suite on which a verdict about a server depends; others read orders, write reports, judge clients."""

_ALSO = ("_inputs.py", "_judging.py", "_planning.py", "_plugin.py")
"""Modules beside them that select, order and run the checks."""


@cache
def digest_of_the_judge() -> str:
    """Of openapi.yaml and of every file of the suite that may change a verdict about a server."""
    root = Path(str(twosignal_conformance.__file__)).parent
    digest = hashlib.sha256(LAW.sha256.encode())
    files = [root / name for name in _ALSO] + [file for folder in _DECIDING for file in (root / folder).rglob("*.py")]
    for file in sorted(files):
        digest.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()[:_LENGTH]


def digest_of_the_law() -> str:
    """Of openapi.yaml alone, by which the control judges."""
    return LAW.sha256[:_LENGTH]
