"""The Dockerfile without an engine: each of its lines is read, and what it runs is run here as it stands.

No image is built. What differs: packages of this environment, state in a temporary folder, a free port.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import sysconfig
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.xdist_group("dockerfile")

PATIENCE = 60
"""Seconds for one command."""
REPOSITORY = Path(__file__).parents[2]


def instructions() -> list[tuple[str, str]]:
    """Word and rest of each instruction, lines joined, comments gone."""
    lines = [line for line in (REPOSITORY / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    pairs = (line.split(maxsplit=1) for line in joined.splitlines() if line.strip())
    return [(word, rest) for word, rest in pairs]


LINES = instructions()


def only(word: str) -> str:
    """The rest of the only instruction of that kind."""
    (rest,) = (rest for each, rest in LINES if each == word)
    return rest


def copied() -> list[str]:
    """What comes from the repository."""
    copies = [shlex.split(rest) for word, rest in LINES if word == "COPY" and not rest.startswith("--from")]
    return [source for *sources, _target in copies for source in sources]


def pinned(lock: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Each requirement with its marker, to its version and the hashes of its files."""
    text = (REPOSITORY / lock).read_text().replace("\\\n", " ")
    found = {}
    for line in text.splitlines():
        if match := re.match(r"(?P<name>[\w.-]+)==(?P<version>\S+)(?P<marker> *;[^-]*?)? +--hash", line):
            hashes = frozenset(re.findall(r"--hash=(\S+)", line))
            found[match["name"]] = match["version"], hashes
    return found


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` of an environment that has the project as built from the copied files, and nothing else of ours."""
    source, home = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("home")
    for name in copied():
        origin, target = REPOSITORY / name, source / name
        if origin.is_dir():
            shutil.copytree(origin, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(origin, target)
    pip = [sys.executable, "-m", "pip"]
    offline = ["--quiet", "--no-index", "--no-deps"]
    run([*pip, "wheel", *offline, "--no-build-isolation", "--wheel-dir", str(home), str(source)])
    run([sys.executable, "-m", "venv", "--without-pip", str(home / "venv")])
    folders = {"base": str(home / "venv"), "platbase": str(home / "venv")}
    scripts = Path(sysconfig.get_path("scripts", "venv", folders))
    (wheel,) = home.glob("*.whl")
    run([*pip, "--python", str(scripts / "python"), "install", *offline, str(wheel)])
    # As in test_packaging.py: our dependencies are seen, our editable install is not.
    site_packages = Path(sysconfig.get_path("purelib", "venv", folders))
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return scripts


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def surroundings(installed: Path, **more: str) -> dict[str, str]:
    """The image's ENV, found by name first among the installed scripts."""
    env = dict(item.split("=", 1) for word, rest in LINES if word == "ENV" for item in shlex.split(rest))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("TWOSIGNAL_", "PYTHON"))}
    return clean | env | {"PATH": f"{installed}{os.pathsep}{os.environ['PATH']}"} | more


@contextmanager
def container(installed: Path, folder: Path, *arguments: str) -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """ENTRYPOINT and CMD under ENV: the record of the ready file, and the environment of whoever looks into it."""
    ready = folder / "ready.json"
    environment = surroundings(
        installed,
        TWOSIGNAL_MOCK_STATE=str(folder / "mock.db"),
        TWOSIGNAL_MOCK_PORT="0",
        TWOSIGNAL_MOCK_READY_FILE=str(ready),
    )
    command = [*json.loads(only("ENTRYPOINT")), *(arguments or json.loads(only("CMD")))]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + PATIENCE
        while not ready.exists():
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        record = json.loads(ready.read_text())
        yield record, environment | {"TWOSIGNAL_MOCK_PORT": record["url"].rsplit(":", 1)[1]}
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait()


def health(folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The command of HEALTHCHECK."""
    command = json.loads(only("HEALTHCHECK").split("CMD", 1)[1])
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_everything_that_is_copied_is_in_the_repository() -> None:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listing, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.splitlines()
    known = {*files, *(str(parent) for file in files for parent in Path(file).parents)}
    assert copied()
    assert set(copied()) <= known


def test_both_stages_use_one_python_that_is_new_enough() -> None:
    (image,) = {rest.split()[0] for word, rest in LINES if word == "FROM"}
    version = re.fullmatch(r"python:([0-9]+)\.([0-9]+)-slim", image)
    assert version
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    least = [int(part) for part in project["requires-python"].removeprefix(">=").split(".")]
    assert [int(version[1]), int(version[2])] >= least


def test_it_runs_as_somebody_who_is_not_root_and_owns_the_volume() -> None:
    user, volume = only("USER"), only("VOLUME")
    assert user not in ("root", "0")
    words = [word for word, _ in LINES]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert any(word == "RUN" and f"chown {user} {volume}" in rest for word, rest in LINES)
    state = next(item for item in shlex.split(only("ENV")) if item.startswith("TWOSIGNAL_MOCK_STATE="))
    assert Path(state.split("=", 1)[1]).parent == Path(volume)


def test_the_lock_of_the_image_is_part_of_the_lock_of_the_tests() -> None:
    runtime, everything = pinned("requirements.lock"), pinned("requirements-dev.lock")
    text = (REPOSITORY / "requirements.lock").read_text()
    assert len(runtime) == len([line for line in text.splitlines() if "==" in line]) > 10
    assert all(hashes for _, hashes in runtime.values())
    assert {name: everything.get(name) for name in runtime} == runtime


def test_the_lock_of_the_image_names_every_dependency() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    wanted = {re.match(r"[\w.-]+", each)[0].lower() for each in project["dependencies"]}  # type: ignore[index]  # each begins with a name
    assert wanted <= {name.lower() for name in pinned("requirements.lock")}


def test_the_exposed_port_is_the_one_that_it_listens_on(installed: Path, tmp_path: Path) -> None:
    environment = surroundings(installed)
    command = [*json.loads(only("ENTRYPOINT")), "env"]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert f"http://127.0.0.1:{only('EXPOSE')}\n" in done.stdout


def test_it_serves_is_healthy_and_keeps_its_state(installed: Path, tmp_path: Path) -> None:
    event = {"id": "e", "type": "trace-create", "timestamp": "2026-01-01T00:00:00Z", "body": {"id": "t", "name": "n"}}
    with container(installed, tmp_path) as (record, environment):
        assert str(installed) in subprocess.run(
            ["sh", "-c", "command -v twosignal-mock"], env=environment, capture_output=True, text=True, check=True
        ).stdout  # fmt: skip
        key = {"Authorization": f"Bearer {record['api_key']}"}
        url = f"{record['url']}/api/v1/traces"
        httpx.post(url, headers=key, json={"batch": [event]}, trust_env=False).raise_for_status()
        done = health(tmp_path, environment)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert health(tmp_path, environment).returncode != 0
    with container(installed, tmp_path) as (record, _):
        listed = httpx.get(f"{record['url']}/api/v1/traces", headers=key, trust_env=False).json()
        assert [trace["id"] for trace in listed["data"]["traces"]] == ["t"]


EVERYWHERE = "0.0.0.0"  # noqa: S104 - asked for, not bound


@pytest.mark.parametrize(("listens", "asked"), [(EVERYWHERE, "127.0.0.1"), ("::", "[::1]"), ("::1", "[::1]")])
def test_who_listens_on_every_address_is_looked_for_on_this_machine(
    installed: Path, tmp_path: Path, listens: str, asked: str
) -> None:
    environment = surroundings(installed, TWOSIGNAL_MOCK_HOST=listens, TWOSIGNAL_MOCK_PORT="1")
    assert f"http://{asked}:1 " in health(tmp_path, environment).stderr


def test_options_follow_the_name_of_the_image(installed: Path, tmp_path: Path) -> None:
    with container(installed, tmp_path, "serve", "--plan", "pro", "--control-token", "t") as (record, environment):
        assert health(tmp_path, environment).returncode == 0
        assert httpx.get(f"{record['control_url']}/journal", trust_env=False).is_client_error
