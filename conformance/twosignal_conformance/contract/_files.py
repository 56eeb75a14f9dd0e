"""Our own files, openapi.yaml and the schema of its extensions: beside the installed package, or in the repository."""

from __future__ import annotations

from pathlib import Path

from twosignal_conformance.contract._problems import ContractError, Problem

CONTRACT = "openapi.yaml"
EXTENSIONS = "openapi-extensions.schema.json"

_HOME = Path(__file__).resolve().parent.parent.parent
"""Folder of the import package: site-packages, or conformance/ of the repository."""


def own_file(name: str) -> Path:
    """Path of CONTRACT or EXTENSIONS."""
    installed, source = _HOME / "twosignal_contract" / name, _HOME.parent / name
    for candidate in (installed, source):
        if candidate.is_file():
            return candidate
    message = f"there is no such file; expected it in {installed.parent} or {source.parent}; install the package again"
    raise ContractError(Problem(name, None, "", message))


def shown(path: Path) -> str:
    """The path for a message: as it was given, or from here on when it lies below the working directory."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def read_text(path: Path) -> tuple[bytes, str]:
    """Bytes and text of a file in UTF-8."""
    file = shown(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        reasons = {FileNotFoundError: "there is no such file", IsADirectoryError: "it is a directory"}
        reason = reasons.get(type(error), f"it cannot be read ({error.strerror})")
        message = f"{reason}; expected an OpenAPI document; name another file with --contract"
        raise ContractError(Problem(file, None, "", message)) from None
    try:
        return content, content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        reason = f"byte 0x{content[error.start]:02x} is not UTF-8"
        message = f"{reason}; expected a YAML document in UTF-8; save it as UTF-8"
        raise ContractError(Problem(file, line, "", message)) from None
