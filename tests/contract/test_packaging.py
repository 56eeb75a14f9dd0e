"""The wheel away from the repository: both commands find the contract that was shipped with them."""

import json
import os
import re
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

# One worker builds the wheel and one environment serves all tests of this file.
pytestmark = pytest.mark.xdist_group("packaging")

# Settings that would let the repository or a user's machine leak into the new environment.
LEAKS = ("PYTHON", "TWOSIGNAL_", "VIRTUAL_ENV")


@dataclass(frozen=True)
class Installed:
    """An environment of its own that holds the wheel and sees our dependencies, but not our editable install."""

    bin: Path
    site_packages: Path
    elsewhere: Path

    def run(self, command: str, *arguments: str) -> str:
        """What a command of the environment prints, started far from the repository."""
        return run([str(self.bin / command), *arguments], self.elsewhere)


@pytest.fixture(scope="module")
def wheel(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, made from the source distribution, so that both are known to be whole."""
    out = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(repository)], out)
    (built,) = out.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    home = tmp_path_factory.mktemp("home")
    run([sys.executable, "-m", "venv", "--without-pip", str(home / "venv")], home)
    folders = {"base": str(home / "venv"), "platbase": str(home / "venv")}
    site_packages = Path(sysconfig.get_path("purelib", "venv", folders))
    scripts = Path(sysconfig.get_path("scripts", "venv", folders))
    pip = [sys.executable, "-m", "pip", "--python", str(scripts / "python")]
    run([*pip, "install", "--quiet", "--no-index", "--no-deps", str(wheel)], home)
    # A folder named in a .pth file is searched, but its own .pth files are not read: our editable install stays unseen.
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (home / "elsewhere").mkdir()
    return Installed(scripts, site_packages, home / "elsewhere")


@pytest.mark.parametrize(
    "name", ["openapi.yaml", "contracts/extensions.schema.json", "contracts/rest.extensions.schema.json"]
)
def test_the_wheel_ships_the_document_as_it_is_in_the_repository(wheel: Path, repository: Path, name: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read(f"twosignal_contract/{name}") == (repository / name).read_bytes()


@pytest.mark.parametrize("package", ["twosignal_mock", "twosignal_conformance", "twosignal_contract"])
def test_the_wheel_says_that_its_packages_are_typed(wheel: Path, package: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert f"{package}/py.typed" in archive.namelist()


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        folders = {name.split("/")[0] for name in archive.namelist()}
    packages = {folder for folder in folders if not folder.endswith(".dist-info")}
    assert packages == {"twosignal_conformance", "twosignal_contract", "twosignal_mock"}


@pytest.mark.parametrize("package", ["twosignal_mock", "twosignal_conformance", "twosignal_contract"])
def test_the_installed_package_is_the_one_from_the_wheel(installed: Installed, package: str) -> None:
    file = installed.run("python", "-c", f"import {package}; print({package}.__path__[0])")
    assert Path(file.strip()) == installed.site_packages / package


def test_an_installed_command_finds_the_contracts_without_the_repository(installed: Installed) -> None:
    assert installed.run("twosignal-contract", "check").strip()


def test_the_installed_register_names_the_checks_of_the_installed_suite(installed: Installed) -> None:
    rows = json.loads(installed.run("twosignal-contract", "clauses", "--json"))
    assert any(row["checks"] for row in rows)


def test_an_editable_install_has_no_copy_of_the_document_that_could_go_stale() -> None:
    assert not Path(sysconfig.get_path("purelib"), "twosignal_contract").exists()


@pytest.mark.parametrize("lock", ["requirements-dev.lock", "package-lock.json", "mock/node/package-lock.json"])
def test_a_lock_names_no_address_and_no_machine(repository: Path, lock: str) -> None:
    text = (repository / lock).read_text(encoding="utf-8")
    # package-lock.json repeats the pages on which authors ask for funds; nothing is installed from those.
    told = re.findall(r'"resolved"|--[a-z-]*(?:index|find-links)\S*|file:\S*|(?m:^\s*/\S+)', text)
    told += [url for url in re.findall(r"https?://\S+", text) if lock.endswith(".lock")]
    assert not told


@pytest.mark.parametrize("folder", [".", "generated_clients/typescript", "mock/node"])
def test_no_package_of_npm_needs_to_run_code_to_be_installed(repository: Path, folder: str) -> None:
    packages = json.loads((repository / folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert len(packages) > 10
    assert [name for name, package in packages.items() if package.get("hasInstallScript")] == []


def run(command: list[str], folder: Path) -> str:
    """The output of a command that must succeed, run in a folder and without the leaks."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(LEAKS)}
    done = subprocess.run(
        command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout
