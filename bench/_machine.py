"""The machine that a run was made on, and the versions of what ran."""

from __future__ import annotations

import hashlib
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench._paths import CONTRACT, ROOT

_MEASURED = ("mock/twosignal_mock", "conformance/twosignal_conformance")
_RUNTIMES = {"Node": ("node", "--version"), "Java": ("java", "-version")}


def machine(pins: str, folder: Path) -> Mapping[str, str]:
    """What of the machine a figure depends on; it tells no name and no address."""
    told = _read("/proc/cpuinfo")
    model = re.search(r"^model name\s*: (.*)$", told, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB", _read("/proc/meminfo"), re.MULTILINE)
    return {
        "processor": model[1] if model else platform.machine(),
        "cores": str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()),
        "memory": f"{int(memory[1]) / 1024 / 1024:.0f} GiB" if memory else "unknown",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "file system of the state": _file_system(folder),
        "pinned": pins,
    }


def runtimes() -> Mapping[str, str]:
    """Versions of what runs the servers."""
    found = {"Python": platform.python_version()}
    for name, command in _RUNTIMES.items():
        if shutil.which(command[0]):
            ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - of the table above
            version = re.search(r"\d+(\.\d+)+", ran.stdout + ran.stderr)
            found[name] = version[0] if version else "unknown"
    return found


def sources() -> Mapping[str, str]:
    """The commit of this clone, and a digest of what is measured: a commit of documents leaves the digest as it is."""
    digest = hashlib.sha256()
    for file in (*(path for part in _MEASURED for path in sorted((ROOT / part).rglob("*.py"))), CONTRACT):
        digest.update(file.read_bytes())
    commit = ""
    if shutil.which("git") is not None:
        command = ("git", "rev-parse", "--short=10", "HEAD")
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
        commit = ran.stdout.strip()
    return {"commit": commit or "unknown", "digest": digest.hexdigest()[:16]}


def load() -> float:
    """How many programs wanted to run in the last minute: much more than none means that others work here."""
    return os.getloadavg()[0]


def _file_system(folder: Path) -> str:
    """The kind of the file system that holds a folder."""
    mounts: Sequence[list[str]] = [line.split() for line in _read("/proc/mounts").splitlines()]
    here = folder.resolve()
    holding = [(mount[1], mount[2]) for mount in mounts if here.is_relative_to(mount[1])]
    return max(holding, key=lambda each: len(each[0]), default=("", "unknown"))[1]


def _read(path: str) -> str:
    try:
        return Path(path).read_text("utf-8")
    except OSError:
        return ""
