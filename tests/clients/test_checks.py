"""`generated_clients/check.py`, as `make check` runs it: silent about good clients; it names the faults of others."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.runners import CLIENTS, copy_client, require

pytestmark = pytest.mark.timeout(600)

LANGUAGES = [
    pytest.param(language, marks=pytest.mark.xdist_group(f"clients-{language}"))
    for language in ("python", "typescript", "go")
]
BLUNDERS = {
    "python": {
        "twosignal_client/blunder.py": ('count: int = "one"\n', "python, mypy, strict"),
        "twosignal_client/circle.py": ("from twosignal_client import round\n", "python, import-linter"),
        "twosignal_client/round.py": ("from twosignal_client import circle\n", "python, import-linter"),
    },
    "typescript": {
        "src/blunder.ts": ('export const count: number = "one";\n', "typescript, tsc, strict"),
        "src/circle.ts": (
            "import type { Round } from './round.js';\n\nexport type Circle = Round;\n",
            "typescript, oxlint",
        ),
        "src/round.ts": (
            "import type { Circle } from './circle.js';\n\nexport type Round = Circle | 1;\n",
            "typescript, oxlint",
        ),
    },
    "go": {
        "blunder/unformatted.go": ("package  blunder\n", "go, gofmt"),
        "blunder/verb.go": (
            'package blunder\n\nimport "fmt"\n\nfunc Say() { fmt.Printf("%d", "one") }\n',
            "go, go vet",
        ),
        "blunder/unused.go": ("package blunder\n\nfunc unused() {}\n", "go, staticcheck"),
    },
}
"""Files that a checker must find, and what is said then."""


def check(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, CLIENTS / "check.py", *arguments]
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_strictest_checkers_have_nothing_to_say_about_a_client(language: str) -> None:
    require(language)
    done = check(language)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_wrong_in_a_client_fails_the_check_and_is_named(language: str, tmp_path: Path) -> None:
    require(language)
    client = copy_client(language, tmp_path)
    for name, (text, _) in BLUNDERS[language].items():
        (client / name).parent.mkdir(exist_ok=True)
        (client / name).write_text(text, encoding="utf-8")
    done = check("--clients", tmp_path, language)
    assert done.returncode == 1
    for name, (_, said) in BLUNDERS[language].items():
        assert said in done.stderr
        assert Path(name).stem in done.stderr


@pytest.mark.parametrize("script", ["check.py", "generate.py"])
def test_a_language_without_its_tools_is_skipped_with_a_reason_and_fails_in_ci(script: str, tmp_path: Path) -> None:
    empty = os.environ | {"PATH": str(tmp_path), "CI": ""}
    command = [sys.executable, str(CLIENTS / script), *(["--check"] if script == "generate.py" else [])]
    command += ["typescript", "go"]
    done = subprocess.run(command, env=empty, capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert re.findall(r"^(\w+): skipped, (?:Node|Go) .+ install .+ or newer$", done.stderr, re.MULTILINE) == [
        "typescript",
        "go",
    ]
    assert subprocess.run(command, env=empty | {"CI": "true"}, capture_output=True, check=False).returncode == 1


@pytest.mark.parametrize(
    ("language", "program", "says", "told"),
    [
        ("typescript", "node", "v18.20.4", "Node is v18.20.4, and 20.19 or newer is needed: install it"),
        ("go", "go", "go1.21.0", r"Go is 1.21.0, and \d+\.\d+\S* or newer is needed: install it"),
    ],
    ids=["Node", "Go"],
)
def test_tools_that_are_too_old_count_as_missing(
    language: str, program: str, says: str, told: str, tmp_path: Path
) -> None:
    for name in {program, "npm"}:
        (tmp_path / name).write_text(f"#!{shutil.which('sh')}\necho {says}\n", encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    done = check(language, PATH=str(tmp_path), CI="")
    assert (done.returncode, done.stdout) == (0, "")
    assert re.fullmatch(f"{language}: skipped, {told}", done.stderr.strip())


@pytest.mark.parametrize("script", ["check.py", "generate.py"])
def test_a_language_that_is_none_is_named(script: str) -> None:
    command = [sys.executable, str(CLIENTS / script), "cobol"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "'cobol' is no language of ours; expected one of python, typescript, go" in done.stderr
