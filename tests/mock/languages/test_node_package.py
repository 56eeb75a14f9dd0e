"""The npm package `twosignal-mock` as a user has it: packed, installed elsewhere, in the test runners of its page."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.end_to_end.pages import ROOT, rows
from tests.mock.languages.projects import BIN, finish, leave, need, run, write_page

pytestmark = [pytest.mark.xdist_group("node-package"), pytest.mark.timeout(600)]

PACKAGE = ROOT / "mock" / "node"
PAGE = "mock/node/README.md"
TOOLS = PACKAGE / "node_modules"


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the files of the page, and the package as `npm pack` of the page makes it."""
    need("node", "npm")
    if not TOOLS.is_dir():
        leave("mock/node/node_modules is missing: make install")
    checkout, folder = tmp_path_factory.mktemp("checkout") / "node", tmp_path_factory.mktemp("project")
    shutil.copytree(PACKAGE, checkout, ignore=shutil.ignore_patterns("node_modules", "dist"))
    (checkout / "node_modules").symlink_to(TOOLS)
    run("npm", "pack", "--silent", checkout, folder=folder)
    (packed,) = folder.glob("*.tgz")
    run("npm", "install", "--offline", "--no-audit", "--no-fund", packed, folder=folder)
    assert len(write_page(PAGE, folder)) == 9
    return folder


def test_the_first_lines_of_the_page_give_what_it_says(project: Path) -> None:
    promised = re.findall(r"// -> (.*)", (project / "first.mjs").read_text(encoding="utf-8"))
    assert run("node", "first.mjs", folder=project).splitlines() == promised


@pytest.mark.parametrize(
    ("program", "words", "says"),
    [
        ("vitest/vitest.mjs", ["run"], "2 passed"),
        ("jest/bin/jest.js", ["--ci"], "1 passed"),
        ("", ["--test", "agent.test.mjs"], "# pass 1"),
    ],
    ids=["Vitest", "Jest", "node:test"],
)
def test_a_recipe_of_the_page_passes_and_leaves_no_server(
    project: Path, program: str, words: list[str], says: str, tmp_path: Path
) -> None:
    folder = tmp_path / "project"
    shutil.copytree(project, folder)
    for tool in TOOLS.iterdir():  # the test runners as this repository locks them
        if not (folder / "node_modules" / tool.name).exists():
            (folder / "node_modules" / tool.name).symlink_to(tool)
    command = ["node", *([str(folder / "node_modules" / program)] if program else []), *words]
    output = run(*command, folder=folder, TMPDIR=str(tmp_path), NO_COLOR="1")
    assert says in re.sub(r"\s+", " ", output), output
    assert list(tmp_path.glob("twosignal-mock-*")) == []


def test_what_a_user_writes_is_checked_by_the_types(project: Path) -> None:
    (project / "use.mts").write_text(
        """
import { connectMock, startMock, type JournalEntry } from 'twosignal-mock';
const mock = await startMock({ plan: 'pro', limits: false, dialect: { 'otlp-status': '201' } });
const sandbox = await mock.sandbox({ sample: 3 });
await sandbox.faults.add({ kind: 'status', status: 503 });
const entries: JournalEntry[] = await sandbox.waitFor({ status: 200 }, { count: 2, timeout: 10 });
console.log(entries[0]?.clauses.length, connectMock(mock.url));
// @ts-expect-error
await sandbox.faults.add({ kind: 'nonsense' });
// @ts-expect-error
await mock.sandbox({ smaple: 3 });
// @ts-expect-error
await startMock({ port: 3000 });
""",
        encoding="utf-8",
    )
    options = ["--noEmit", "--strict", "--exactOptionalPropertyTypes", "--target", "es2022", "--module", "nodenext"]
    options += ["--types", "node", "--typeRoots", str(TOOLS / "@types")]
    run("node", TOOLS / "typescript" / "bin" / "tsc", *options, "use.mts", folder=project)


def test_the_options_are_those_of_serve(project: Path) -> None:
    declared = (project / "node_modules" / "twosignal-mock" / "dist" / "server.d.ts").read_text(encoding="utf-8")
    body = declared.split("interface MockOptions {")[1].split("\n}")[0]
    names = {re.sub("[A-Z]", lambda letter: f"-{letter[0].lower()}", name) for name in re.findall(r"(\w+)\?:", body)}
    ours = {"port", "ready-file", "exit-with-parent"}
    assert names == {row[0].removeprefix("--") for row in rows("mock/README.md", "option")} - ours


def test_every_option_reaches_the_command(project: Path) -> None:
    program = """
import { startMock } from 'twosignal-mock';
const mock = await startMock({
  plan: 'pro', limits: false, seed: -3, validateAnswers: true, anyKey: false, controlToken: 'secret', logFormat: 'json',
  dialect: { 'otlp-status': '201', 'error-envelope': 'data-null' }, clock: '2026-01-31T12:00:00Z',
});
const sandbox = await mock.sandbox();
const response = await fetch(`${mock.url}/api/v1/traces`);
const { data } = await response.json();
console.log((await sandbox.clock.now()).toISOString(), data, mock.log.includes('pro, no limits'));
await mock.stop();
"""
    said = run("node", "--input-type=module", "--eval", program, folder=project)
    assert said.split() == ["2026-01-31T12:00:00.000Z", "null", "true"]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ("{ plan: 'gold' }", r"exit code 2:\n.*--plan.*'gold'"),
        ("{ command: 'no-such-command' }", "no-such-command cannot be started .*: install"),
        ("{ command: ['sleep'], startTimeout: 20000 }", "the mock ended with exit code"),
        ("{ startTimeout: 1 }", "did not serve within 1 ms"),
    ],
)
def test_a_server_that_does_not_start_is_told_with_what_it_printed(
    project: Path, options: str, says: str, tmp_path: Path
) -> None:
    program = f"import {{ startMock }} from 'twosignal-mock'; await startMock({options});"
    done = finish("node", "--input-type=module", "--eval", program, folder=project, TMPDIR=str(tmp_path))
    assert done.returncode == 1
    assert re.search(says, done.stdout), done.stdout
    assert list(tmp_path.iterdir()) == []


def test_requests_that_do_not_come_are_told_with_those_that_did(project: Path) -> None:
    program = """
import { startMock } from 'twosignal-mock';
const mock = await startMock();
const sandbox = await mock.sandbox();
await fetch(`${mock.url}/api/v1/traces`, { headers: { authorization: `Bearer ${sandbox.apiKey}` } });
await sandbox.waitFor({ operation: 'ingestTraces' }, { timeout: 50 }).catch((error) => console.log(error.message));
await sandbox.trace('unknown').catch((error) => console.log(error.name));
console.log(await sandbox.verify({ operation: 'listTraces', status: '2xx', count: 1 }));
await sandbox.verify({ operation: 'listTraces', query: { limit: '5' } }).catch((error) => console.log(error.message));
await mock.stop();
await mock.sandbox().catch((error) => console.log(error.message));
"""
    said = run("node", "--input-type=module", "--eval", program, folder=project).splitlines()
    assert said[0] == 'got 0 of 1 requests with {"operation":"ingestTraces"}; these came:'
    assert said[1:3] == ["  GET /api/v1/traces 200 (listTraces)", "ControlError"]
    assert said[3] == "1"
    assert said[4:7] == [
        'expected at least 1 requests with {"operation":"listTraces","query":{"limit":"5"}}; got 0',
        "  near miss: GET /api/v1/traces (entry 1 of the journal)",
        '    query limit: got nothing, expected "5"',
    ]
    assert "no mock answers at" in said[7]


@pytest.mark.parametrize("how", ["SIGKILL", "SIGTERM", "end", "error"])
def test_the_server_ends_with_the_process_however_that_ends(project: Path, how: str) -> None:
    last = {"end": "", "error": "throw new Error('a test failed');"}.get(how, "setInterval(() => {}, 1000);")
    program = f"import {{ startMock }} from 'twosignal-mock'; console.log((await startMock()).pid); {last}"
    words = ["node", "--input-type=module", "--eval", program]
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    with subprocess.Popen(
        words, cwd=project, env=os.environ | {"PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        pid = int(process.stdout.readline())
        if how.startswith("SIG"):
            process.send_signal(signal.Signals[how])
        process.wait(60)
    until = time.monotonic() + 20
    while Path(f"/proc/{pid}/stat").exists() and time.monotonic() < until:
        time.sleep(0.05)
    assert not Path(f"/proc/{pid}/stat").exists()


def test_the_package_holds_what_is_published_and_nothing_else(project: Path) -> None:
    package = project / "node_modules" / "twosignal-mock"
    files = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert {name.split("/")[0] for name in files} == {"LICENSE", "README.md", "package.json", "dist"}
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    assert "dependencies" not in about
    assert not {name for name in files if not re.search(r"\.(d\.ts|js)$|^[A-Z]+(\.md)?$|^package\.json$", name)}
