"""Installs what is pinned, from package registries, into build/bench; what cannot be had is said."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench._paths import NODE_PACKAGES, PEERS, PYTHON_PACKAGES

_SHOWN = 500
"""Characters of a failure that are kept."""


def install(say: Callable[[str], None]) -> dict[str, str]:
    """What could not be installed, with the reason; nothing is done twice for the same locks."""
    steps: Sequence[tuple[str, Path, Path, Callable[[], None]]] = (
        ("npm packages", NODE_PACKAGES, PEERS / "package-lock.json", _install_from_npm),
        ("FastAPI", PYTHON_PACKAGES, PEERS / "requirements.lock", _install_from_pypi),
    )
    missing = {}
    for name, folder, lock, step in steps:
        marker = folder / ".installed"
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        if marker.exists() and marker.read_text() == digest:
            continue
        say(f"installs {name} into {folder}")
        try:
            step()
        except (OSError, subprocess.CalledProcessError) as error:
            missing[name] = _reason(error)
            continue
        marker.write_text(digest)
    return missing


def _install_from_npm() -> None:
    NODE_PACKAGES.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PEERS / name, NODE_PACKAGES / name)
    _run("npm", "ci", "--loglevel=error", folder=NODE_PACKAGES)


def _install_from_pypi() -> None:
    lock = str(PEERS / "requirements.lock")
    _run(sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(PYTHON_PACKAGES),
         "--require-hashes", "--requirement", lock)  # fmt: skip


def _run(*command: str, folder: Path | None = None) -> None:
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 - our own commands


def _reason(error: OSError | subprocess.CalledProcessError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"{error.filename} is not installed"
    if isinstance(error, subprocess.CalledProcessError):
        return (error.stderr or error.stdout or str(error)).strip()[-_SHOWN:]
    return str(error)
