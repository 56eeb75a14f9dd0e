"""What a user installs: the wheel of the Python client, what npm packs of the TypeScript client, and the Go module.

The Go module has an address that Go can fetch. What the TypeScript package does is tested with that client.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from importlib import import_module
from pathlib import Path

import pytest
from twosignal_mock import Sandbox

from tests.clients.runners import CLIENTS, copy_client, require

pytestmark = pytest.mark.timeout(600)

MODULE = "example.com/somebody/twosignal-client"
VERSION = "v0.1.0"


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    """What a command prints; it must succeed."""
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True, timeout=500, check=False
    )
    assert done.returncode == 0, f"{' '.join(map(str, command))}: {done.stdout}{done.stderr}"
    return done.stdout


def test_the_python_wheel_holds_the_typed_package_alone_and_works_where_it_is_installed(
    tmp_path: Path, twosignal_sandbox: Sandbox
) -> None:
    client = copy_client("python", tmp_path)
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", tmp_path, client, folder=tmp_path)
    (wheel,) = tmp_path.glob("twosignal_client-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {
        "twosignal_client/__init__.py",
        "twosignal_client/py.typed",
        "twosignal_client/generated/policy.py",
    } <= names
    assert {name.split("/")[0] for name in names} == {"twosignal_client", wheel.name.rsplit("-", 3)[0] + ".dist-info"}
    assert [name for name in names if name.endswith("licenses/LICENSE")]
    place = tmp_path / "installed"
    run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile",
        "--disable-pip-version-check", "--target", place, wheel, folder=tmp_path)  # fmt: skip
    program = "import twosignal_client as t; print(t.__file__); print(t.Client().health().status)"
    environment = twosignal_sandbox.environment | {"PYTHONPATH": str(place)}
    said = run(sys.executable, "-W", "error", "-c", program, folder=tmp_path, **environment)
    assert said.splitlines() == [str(place / "twosignal_client" / "__init__.py"), "ok"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The repository as far as npm sees it, with spaces in its path, before anything was built there."""
    require("typescript")
    root = tmp_path / "my checkout"
    (root / "generated_clients").mkdir(parents=True)
    for name in (".npmrc", "package.json"):
        shutil.copy(CLIENTS.parent / name, root)
    copy_client("typescript", root / "generated_clients")
    return root


@pytest.mark.xdist_group("clients-typescript")
@pytest.mark.parametrize("folder", [".", "generated_clients/typescript", ".."], ids=["root", "package", "elsewhere"])
def test_the_typescript_package_is_whole_wherever_it_is_packed(
    checkout: Path, folder: str, twosignal_sandbox: Sandbox
) -> None:
    client = checkout / "generated_clients" / "typescript"
    readme = (client / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"^npm (pack|install) (\S+)", readme, re.MULTILINE)
    (path, file) = (argument for _, argument in lines)
    assert [verb for verb, _ in lines] == ["pack", "install"]
    here = checkout / folder
    run("npm", "pack", "--silent", path if folder == "." else client, folder=here)
    user = checkout.parent / "user"
    user.mkdir()
    run("npm", "install", "--offline", "--no-audit", "--no-fund", (here / file).resolve(), folder=user)
    program = "import { Client } from 'twosignal-client'; console.log((await new Client().health()).status);"
    said = run("node", "--input-type=module", "--eval", program, folder=user, **twosignal_sandbox.environment)
    assert said.strip() == "ok"


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A module proxy's folder with the Go client under an address of its own (golang.org/ref/mod#goproxy-protocol)."""
    require("go")
    copy_client("go", tmp_path)
    for script in CLIENTS.glob("*.py"):
        shutil.copy(script, tmp_path)
    contract = CLIENTS.parent / "openapi.yaml"
    run(sys.executable, "go_module.py", MODULE, folder=tmp_path)
    run(sys.executable, "generate.py", "--contract", contract, "go", folder=tmp_path)
    assert run(sys.executable, "check.py", "go", folder=tmp_path) == ""
    versions = tmp_path / "proxy" / MODULE / "@v"
    versions.mkdir(parents=True)
    (versions / "list").write_text(f"{VERSION}\n", encoding="utf-8")
    (versions / f"{VERSION}.info").write_text(f'{{"Version": "{VERSION}"}}', encoding="utf-8")
    shutil.copy(tmp_path / "go" / "go.mod", versions / f"{VERSION}.mod")
    with zipfile.ZipFile(versions / f"{VERSION}.zip", "w") as archive:
        for file in sorted((tmp_path / "go").rglob("*")):
            path = file.relative_to(tmp_path / "go")
            if file.is_file() and path.parts[0] != "tools":  # a module of its own
                archive.write(file, f"{MODULE}@{VERSION}/{path.as_posix()}")
    return tmp_path / "proxy"


@pytest.mark.xdist_group("clients-go")
def test_the_go_module_can_be_fetched_once_it_has_an_address(
    published: Path, tmp_path: Path, twosignal_sandbox: Sandbox
) -> None:
    readme = (published.parent / "go" / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"(?ms)^```go\n(.*?)^```$", readme)
    assert f'"{MODULE}/generated/api"' in example
    folder = tmp_path / "user"
    folder.mkdir()
    (folder / "main.go").write_text(example, encoding="utf-8")
    known, others = run("go", "env", "GOMODCACHE", "GOPROXY", folder=folder).splitlines()
    environment = twosignal_sandbox.environment | {
        # What the client needs is in this machine's cache, which is laid out as a proxy; ours must not stay there.
        "GOPROXY": f"{published.as_uri()},{Path(known).as_uri()}/cache/download,{others}",
        "GOMODCACHE": str(tmp_path / "modules"),
        "GOFLAGS": "-modcacherw",
        "GOSUMDB": "off",
    }
    run("go", "mod", "init", "example", folder=folder, **environment)
    run("go", "get", f"{MODULE}@{VERSION}", folder=folder, **environment)
    run("go", "vet", ".", folder=folder, **environment)
    assert "accepted 2" in run("go", "run", ".", folder=folder, **environment)


@pytest.mark.parametrize("path", ["twosignal", "Host.example/x", "example.com/", "example.com/a b", ".com/x"])
def test_an_address_that_go_cannot_fetch_is_refused(path: str, tmp_path: Path) -> None:
    copy_client("go", tmp_path)
    command = [sys.executable, str(CLIENTS / "go_module.py"), path, "--clients", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"{path!r} is no path that Go can fetch" in done.stderr
    path_of = import_module("go_module").module_path
    assert path_of(tmp_path / "go") == path_of(CLIENTS / "go")
