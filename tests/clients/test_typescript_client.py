"""The TypeScript package, installed as a user has it: its types, its policy layer, its README, what is published.

The scenarios against the mock are in test_scenarios.py.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from twosignal_mock import Sandbox

from tests.clients.runners import CLIENTS, build, copy_client, require

pytestmark = [pytest.mark.xdist_group("clients-typescript"), pytest.mark.timeout(600)]

CLIENT = CLIENTS / "typescript"
_TIME = 300.0
"""Seconds for one command: the compiler needs a few, on a busy machine many."""
_EXPECTATION = "// @ts-expect-error"


@pytest.fixture(scope="session")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of somebody who has installed the package as npm would publish it, and the types of Node."""
    made, folder = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("user")
    build("typescript", CLIENTS, made)
    for name in ("package.json", "README.md", "LICENSE"):
        shutil.copy(CLIENT / name, made)
    run(["npm", "pack", "--ignore-scripts", "--silent"], made)
    with tarfile.open(next(made.glob("*.tgz"))) as archive:
        archive.extractall(folder / "packed", filter="data")
    modules = folder / "node_modules"
    modules.mkdir()
    (folder / "packed" / "package").rename(modules / "twosignal-client")
    (modules / "@types").symlink_to(CLIENT / "node_modules" / "@types")
    (folder / "package.json").write_text('{"type": "module"}\n', encoding="utf-8")
    shutil.copy(CLIENT / "type-tests" / "tsconfig.json", folder)
    return folder


def run(command: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """What a command prints; it must succeed."""
    done = finish(command, folder, environment)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout}{done.stderr}"
    return done.stdout


def finish(
    command: list[str], folder: Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A command that has ended."""
    return subprocess.run(
        command, cwd=folder, env=os.environ | (environment or {}), capture_output=True, text=True, encoding="utf-8",
        timeout=_TIME, check=False,
    )  # fmt: skip


def compiler(*options: str) -> list[str]:
    """The locked TypeScript compiler."""
    return ["node", str(CLIENT / "node_modules" / "typescript" / "bin" / "tsc"), *options]


def place(user: Path, name: str, files: Mapping[str, str]) -> Path:
    """A folder with these files that sees the installed package."""
    folder = user / name
    folder.mkdir()
    shutil.copy(user / "tsconfig.json", folder)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "platform",
    [pytest.param(["DOM,DOM.Iterable,ES2022", ""], id="browser"), pytest.param(["ES2022", "node"], id="node")],
)
def test_right_use_compiles_and_misuse_does_not(user: Path, platform: list[str]) -> None:
    lib, types = platform
    files = {file.name: file.read_text(encoding="utf-8") for file in (CLIENT / "type-tests").glob("*.ts")}
    folder = place(user, f"types-{types or 'dom'}", files)
    options = ["--lib", lib, *(["--types", types] if types else [])]
    run(compiler("--project", str(folder), *options), folder)


def test_every_misuse_is_an_error_of_its_own(user: Path) -> None:
    text = (CLIENT / "type-tests" / "misuse.ts").read_text(encoding="utf-8")
    lines = text.splitlines()
    expected = {number for number, line in enumerate(lines, 1) if line.startswith(_EXPECTATION)}
    folder = place(user, "misuse", {"misuse.ts": text.replace(_EXPECTATION, "// expected:")})
    done = finish(compiler("--project", str(folder), "--pretty", "false"), folder)
    failing = {int(line) - 1 for line in re.findall(r"^misuse\.ts\((\d+),", done.stdout, re.MULTILINE)}
    assert len(expected) > 20
    assert failing == expected


def test_the_policy_layer(user: Path) -> None:
    text = (CLIENT / "test" / "policy.test.mjs").read_text(encoding="utf-8")
    folder = place(user, "policy", {"policy.test.mjs": text})
    assert re.search(r"^# pass [1-9]\d+$", run(["node", "--test"], folder), re.MULTILINE)


def test_the_example_of_the_readme_runs_as_written(user: Path, twosignal_sandbox: Sandbox) -> None:
    (example,) = re.findall(
        r"^```ts\n(.*?)^```$", (CLIENT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    folder = place(user, "readme", {"example.ts": example})
    run(compiler("--project", str(folder), "--noEmit", "false"), folder)
    said = run(["node", "example.js"], folder, twosignal_sandbox.environment)
    assert said.splitlines() == [
        "accepted 2",
        "my-agent: 1250 tokens, $0.0034",
        "model gpt-4o-mini",
        "not-found NOT_FOUND 404",
    ]
    assert [entry["clauses"] for entry in twosignal_sandbox.journal()] == [[]] * 5


def test_the_lines_that_install_it_run_as_written(tmp_path: Path) -> None:
    require("typescript")
    copy_client("typescript", tmp_path / "generated_clients")
    (tmp_path / "package.json").write_text('{"type": "module"}\n', encoding="utf-8")
    (lines,) = re.findall(r"(?ms)^```sh\n(.*?)^```$", (CLIENT / "README.md").read_text(encoding="utf-8"))
    for line in lines.splitlines():
        run(shlex.split(line, comments=True), tmp_path)
    said = run(["node", "--eval", "import('twosignal-client').then((all) => console.log(typeof all.Client))"], tmp_path)
    assert said.strip() == "function"


def test_what_is_published_is_the_client_alone(user: Path) -> None:
    package = user / "node_modules" / "twosignal-client"
    files = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert {"LICENSE", "README.md", "package.json", "dist/index.js", "dist/index.d.ts"} <= files
    assert not [name for name in files if "runner" in name or name.startswith(("src", "test", "type-tests"))]
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    assert about["name"] == "twosignal-client"
    assert "dependencies" not in about


def test_tools_are_locked_exactly_and_without_addresses() -> None:
    about = json.loads((CLIENT / "package.json").read_text(encoding="utf-8"))
    lock = (CLIENT / "package-lock.json").read_text(encoding="utf-8")
    assert all(re.fullmatch(r"[0-9.]+", version) for version in about["devDependencies"].values())
    assert "://" not in re.sub(r'"url": "[^"]*"', "", lock)  # `funding` is the only place that may have one
    assert '"resolved"' not in lock


def test_every_generated_file_says_where_it_comes_from() -> None:
    files = list((CLIENT / "src" / "generated").rglob("*.ts"))
    assert len(files) > 10
    for file in files:
        head = file.read_text(encoding="utf-8").splitlines()[:2]
        assert head[0].startswith("// Generated by"), file
        assert re.fullmatch(r"// Generator: @hey-api/openapi-ts [0-9.]+", head[1]), file
