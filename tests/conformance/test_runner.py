"""The command `server`, from the outside: what it says, what it writes, how it ends, against small servers."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import jsonschema_rs
import pytest
from twosignal_conformance.reports import report_schema

from tests.conformance.servers import HEALTH, KEY, Answer, Asked, Reply, Server, error, good, reply, serving

FILES = {"json": "r.json", "junit": "r.xml", "html": "r.html", "sarif": "r.sarif", "badge": "r.badge"}
PASSWORD = "correct-horse-battery"  # noqa: S105 - of nobody
HEALTH_ALONE = ("--only", "health")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def report(self) -> Any:
        """The JSON report."""
        return json.loads((self.folder / FILES["json"]).read_text(encoding="utf-8"))


Judge = Callable[..., Ended]


def environment(**more: str) -> dict[str, str]:
    """Without anything of ours or of the machine that could change a run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TWOSIGNAL", "PYTEST"))}
    return {**kept, "COLUMNS": "100", **more}


@pytest.fixture
def judge(tmp_path: Path) -> Judge:
    """Run the command in a folder of its own, with all reports."""

    def run(url: str, *options: str, key: str | None = KEY, reports: bool = True, **more: str) -> Ended:
        command = [sys.executable, "-m", "twosignal_conformance", "server", url, *options]
        if key is not None:
            command += ["--api-key", key]
        if reports:
            command += [word for name, file in FILES.items() for word in (f"--{name}", file)]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment(**more), capture_output=True, text=True, check=False, timeout=60
        )
        return Ended(done.returncode, done.stdout, done.stderr, tmp_path)

    return run


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as running:
        yield running


# --- a server that can be judged ---


def test_a_good_server_ends_with_0_and_all_reports(judge: Judge, server: Server) -> None:
    ended = judge(server.url, *HEALTH_ALONE)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.splitlines()[-1] == "conforms among the 5 clauses of --only"
    assert all((ended.folder / name).stat().st_size for name in FILES.values())
    validator = jsonschema_rs.Draft202012Validator(report_schema())
    assert [str(flaw) for flaw in validator.iter_errors(ended.report)] == []


def test_an_address_with_the_base_path_means_the_same(judge: Judge, server: Server) -> None:
    assert judge(f"{server.url}/api/v1", *HEALTH_ALONE).report["target"] == server.url


def test_the_budget_is_announced_before_the_first_request(judge: Judge) -> None:
    ended = judge("http://127.0.0.1:1", *HEALTH_ALONE)
    assert re.search(r"sends at most [0-9,]+ requests, [0-9,]+ traces, [0-9,.]+ MB", ended.out)


def sick(asked: Asked) -> Reply | None:
    """Breaks health.body, which is a must, and echoes what it should not."""
    if asked.path == HEALTH:
        return reply(200, {"status": "sick", "echo": asked.headers.get("authorization"), "password": "p"})
    return good(asked)


def test_a_violation_ends_with_1_and_a_command_that_shows_it(judge: Judge) -> None:
    with serving(sick) as server:
        ended = judge(server.url, *HEALTH_ALONE)
    assert ended.code == 1
    assert "VIOLATED must health.body" in ended.out
    assert f"repeat    curl -i {server.url}{HEALTH}" in ended.out
    assert ended.out.splitlines()[-1] == "1 must and 0 should clauses violated among the 5 clauses of --only"


def test_the_same_run_sends_the_same_requests(judge: Judge) -> None:
    # Without time to settle nothing is asked twice: the number of polls is a matter of time.
    options = ("--only", "auth", "--seed", "7", "--run-id", "again", "--now", "2026-03-14T12:00:00Z", "--settle", "0")
    sent = []
    for _ in range(2):
        with serving() as server:
            judge(server.url, *options)
            sent.append([(asked.method, asked.path, asked.query, asked.body) for asked in server.asked])
    assert len(sent[0]) > 10
    assert sent[0] == sent[1]


# --- servers that cannot be judged ---


def html(_: Asked) -> Reply:
    return Reply(200, b"<!doctype html><title>Welcome</title>", {"content-type": "text/html"})


def elsewhere(_: Asked) -> Reply:
    return Reply(301, b"", {"location": "https://example.com/api"})


def hang(_: Asked) -> None:
    time.sleep(8)


UNUSABLE: list[tuple[str, Answer, str]] = [
    ("HTML", html, "answers, but not as the API: /api/v1/health gives 200 with text/html, not JSON"),
    ("500 to everything", lambda asked: error(500, "X"), "answers with errors only: 500 for /api/v1/health"),
    ("404 to everything", lambda asked: error(404, "X"), "has no such API"),
    ("redirects", elsewhere, "redirects to https://example.com/api; the key is not sent to another place"),
    ("hangs", hang, "cannot be reached: no answer within 5 s"),
    ("cuts the connection", lambda asked: None, "cannot be reached: the server closed the connection"),
    ("refuses the key", lambda asked: good(asked) if asked.path == HEALTH else error(401, "X"), "refuses the API key"),
]


@pytest.mark.parametrize(("answer", "line"), [row[1:] for row in UNUSABLE], ids=[row[0] for row in UNUSABLE])
def test_an_unusable_server_is_told_in_one_line(judge: Judge, answer: Answer, line: str) -> None:
    with serving(answer) as server:
        ended = judge(server.url)
    assert ended.code == 4
    assert ended.out.splitlines()[-1].startswith(f"not judged: {server.url} ")
    assert line in ended.out
    assert "Traceback" not in ended.out + ended.err
    assert len(server.asked) <= 2
    assert ended.report["run"]["state"] == "unreachable"


def test_a_server_that_is_down_is_told(judge: Judge) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    ended = judge(f"http://127.0.0.1:{port}")
    assert (ended.code, ended.err) == (4, "")
    message = f"http://127.0.0.1:{port} cannot be reached: no connection: nothing listens there (connection refused)"
    assert message in ended.out
    assert "untested " not in ended.out.replace(" untested, ", ""), "a list of hundreds of clauses"
    reasons = {row["reason"] for row in ended.report["clauses"] if not row["reason"].startswith("cannot be tested")}
    assert reasons == {f"the server was not judged: {message}"}


def test_an_unknown_host_is_told(judge: Judge) -> None:
    ended = judge("http://nowhere.invalid")
    assert ended.code == 4
    assert re.search(
        r"cannot be reached: no connection: the host name (is not known|could not be looked up|has no)", ended.out
    )


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A key and the certificate that it signed itself, made anew: no key lies in the repository."""
    if which("openssl") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("the command openssl is missing")
    folder = tmp_path / "tls"
    folder.mkdir()
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command, "-keyout", "key", "-out", "certificate"], cwd=folder, capture_output=True, check=True)
    both = folder / "both"
    both.write_text((folder / "key").read_text() + (folder / "certificate").read_text(), encoding="ascii")
    return both


def test_a_bad_certificate_is_told(judge: Judge, certificate: Path) -> None:
    with serving(certificate=certificate) as server:
        ended = judge(server.url)
        trusted = judge(server.url, *HEALTH_ALONE, SSL_CERT_FILE=str(certificate.with_name("certificate")))
    assert (ended.code, trusted.code) == (4, 0)
    assert "the certificate is not valid: self-signed certificate; SSL_CERT_FILE names those to trust" in ended.out


def test_the_environment_of_the_network_is_checked(judge: Judge, server: Server) -> None:
    ended = judge(server.url, reports=False, SSL_CERT_FILE="/no/such/file")
    assert (ended.code, ended.err) == (
        2,
        "URL: SSL_CERT_FILE=/no/such/file cannot be read (No such file or directory)\n",
    )


def test_no_proxy_stands_between_a_machine_and_itself(judge: Judge, server: Server) -> None:
    assert judge(server.url, *HEALTH_ALONE, HTTP_PROXY="http://127.0.0.1:1", http_proxy="http://127.0.0.1:1").code == 0


def test_http_at_a_port_of_https_is_told(judge: Judge, server: Server) -> None:
    ended = judge(server.url.replace("http:", "https:"))
    assert ended.code == 4
    assert "TLS failed" in ended.out


def test_a_server_that_dies_during_the_run_ends_it_soon(judge: Judge) -> None:
    left = [2]

    def dying(asked: Asked) -> Reply | None:
        left[0] -= 1
        return good(asked) if left[0] >= 0 else None

    with serving(dying) as server:
        ended = judge(server.url)
    assert ended.code == 4
    assert "stopped answering: the server closed the connection" in ended.out
    assert len(server.asked) < 20


# --- wrong orders ---


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (["--only", "helth"], "--only helth: no clause has this id or begins so; near: health"),
        (["--plan", "fre"], "--plan fre: expected one of free"),
        (["--profile", "fast"], "--profile fast: expected one of quick, standard, thorough"),
        (["--user", "dev@example.com"], "--user: expected EMAIL:PASSWORD"),
        (["--now", "noon"], "--now 'noon': expected an ISO 8601"),
        (["--now", "2026-03-14T12:00:00"], "--now '2026-03-14T12:00:00': expected an ISO 8601"),
        (["--seed", "-1"], "--seed -1: expected 0 to"),
        (["--run-id", "a b"], "--run-id 'a b': expected up to"),
        (["--settle", "-1"], "--settle -1: expected a number of seconds"),
        (["--other-api-key", KEY], "--other-api-key is the same key as --api-key"),
        (["--fail-on", "may"], "--fail-on may"),
        (["--json", "no/such/folder.json"], "--json no/such/folder.json: cannot be written"),
        (["--json", "a", "--html", "a"], "name the same file"),
        (["--ledger", "no/such/ledger"], "--ledger: no/such/ledger cannot be written"),
        (["--ledger", "/dev/full"], "--ledger: /dev/full cannot be written (No space left on device)"),
        (["--only", ""], "--only '': expected the id of a clause"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_option_ends_with_2_and_names_itself(
    judge: Judge, server: Server, options: list[str], line: str
) -> None:
    ended = judge(server.url, *options, reports=False)
    assert ended.code == 2
    assert line in ended.err
    assert len(ended.err.splitlines()) == 1


def test_a_missing_key_and_an_address_that_is_none_end_with_2(judge: Judge, server: Server) -> None:
    assert "no API key: give --api-key or set TWOSIGNAL_API_KEY" in judge(server.url, key=None).err
    ended = judge("localhost:3000")
    assert (ended.code, "expected http:// or https://" in ended.err) == (2, True)


def test_what_is_only_looked_for_in_answers_gets_some(judge: Judge, server: Server) -> None:
    options = ("--only", "errors.internal.absent", "--settle", "0", "--profile")
    quick, thorough = judge(server.url, *options, "quick"), judge(server.url, *options, "thorough")
    assert (quick.code, thorough.code) == (0, 0)
    assert "looked for in all answers: the checks of the profile quick make some" in thorough.out
    assert thorough.out.splitlines()[-1] == "conforms among the 1 clause of --only"
    assert "violated " not in thorough.out, "said of clauses that nobody asked for"
    assert "test_interleavings" not in thorough.out, "a larger profile makes no more for it"


def test_what_an_untested_clause_lacks_is_what_its_check_met(judge: Judge, server: Server) -> None:
    ended = judge(server.url, "--read-only", "--profile", "quick", "--only", "scores.create", "--only", "timestamps")
    remedies = {row["id"]: row["remedy"] for row in ended.report["clauses"]}
    assert remedies["scores.create.status"] == remedies["timestamps.out.utc"] == "run without --read-only"
    assert "run with --profile standard" in remedies.values(), "for what the profile alone leaves out"


def test_invalid_files_end_with_3(judge: Judge, server: Server, tmp_path: Path) -> None:
    (tmp_path / "bad").write_text("nonsense it is\n", encoding="utf-8")
    known = judge(server.url, "--known", "bad", reports=False)
    contract = judge(server.url, "--contract", "bad", reports=False)
    assert (known.code, contract.code) == (3, 3)
    assert known.err.startswith("bad:1: nonsense is no clause about servers")


def test_known_deviations_are_forgiven_until_they_are_gone(judge: Judge, tmp_path: Path) -> None:
    (tmp_path / "known").write_text("health.body  ticket 7\n", encoding="utf-8")
    with serving(sick) as server:
        broken = judge(server.url, *HEALTH_ALONE, "--known", "known")
    with serving() as server:
        mended = judge(server.url, *HEALTH_ALONE, "--known", "known")
    assert (broken.code, mended.code) == (0, 1)
    assert "line 1: health.body is kept now; take the line out" in mended.out


def test_an_option_is_a_variable_too(judge: Judge, server: Server) -> None:
    more = {"TWOSIGNAL_CONFORMANCE_ONLY": "health.body", "TWOSIGNAL_API_KEY": KEY, "TWOSIGNAL_CONFORMANCE_SEED": "9"}
    ended = judge(server.url, key=None, **more)
    assert ended.report["seed"] == 9
    assert len(ended.report["clauses"]) == 1


# --- the user's own pytest ---


def test_nothing_of_the_users_pytest_changes_a_run(judge: Judge, server: Server, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --nonsense\n", encoding="utf-8")
    (tmp_path / "conftest.py").write_text("raise RuntimeError('user')\n", encoding="utf-8")
    ended = judge(server.url, *HEALTH_ALONE, PYTEST_ADDOPTS="--more-nonsense", PYTEST_PLUGINS="no_such_plugin")
    assert (ended.code, ended.err) == (0, "")


def pytest_run(folder: Path, url: str, *options: str, **more: str) -> subprocess.CompletedProcess[str]:
    """The suite as a pytest user starts it."""
    command = [sys.executable, "-m", "pytest", "-p", "no:xdist", "-p", "no:cacheprovider"]
    command += ["--pyargs", "twosignal_conformance", "-k", "test_health"]
    environ = environment(TWOSIGNAL_API_KEY=KEY, **more)
    words = [*command, *(["--twosignal-url", url] if url else []), *options]
    return subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=60)


def test_pytest_users_can_run_the_suite(server: Server, tmp_path: Path) -> None:
    done = pytest_run(tmp_path, server.url)
    assert done.returncode == 0, done.stdout
    assert "3 passed" in done.stdout
    by_variable = pytest_run(tmp_path, "", TWOSIGNAL_CONFORMANCE_URL=server.url)
    assert by_variable.returncode == 0, by_variable.stdout


def test_a_violated_must_fails_the_test_of_a_pytest_user(tmp_path: Path) -> None:
    with serving(sick) as server:
        done = pytest_run(tmp_path, server.url)
    assert done.returncode == 1
    assert "health.body (must)" in done.stdout
    assert f"curl -i {server.url}{HEALTH}" in done.stdout
    assert KEY not in done.stdout


def test_a_pytest_user_without_an_address_is_told_so(tmp_path: Path) -> None:
    done = pytest_run(tmp_path, "")
    assert done.returncode == 4
    assert "no server to judge: give --twosignal-url" in done.stderr + done.stdout


# --- a good guest ---


def test_no_secret_is_in_any_output(judge: Judge) -> None:
    def echo(asked: Asked) -> Reply | None:
        answer = sick(asked) if asked.path == HEALTH else good(asked)
        if answer is None:
            return None
        secrets = f"{asked.headers.get('authorization')} {PASSWORD} {asked.body.decode('utf-8', 'replace')}"
        return Reply(answer.status, answer.body, {**answer.headers, "x-echo": re.sub(r"\s", " ", secrets)[:2000]})

    others = ("--other-api-key", "ts_the_other_key", "--revoked-api-key", "ts_the_revoked_key")
    with serving(echo) as server:
        ended = judge(
            server.url, *others, "--user", f"dev@example.com:{PASSWORD}", "--only", "health", "--only", "auth"
        )
    assert ended.code == 1
    written = {path.name: path.read_text(encoding="utf-8") for path in ended.folder.iterdir()}
    assert len(written) == len(FILES) + 1
    for name, text in {**written, "out": ended.out, "err": ended.err}.items():
        for secret in (KEY, "ts_the_other_key", "ts_the_revoked_key", PASSWORD):
            assert secret not in text, name
    assert "$TWOSIGNAL_API_KEY" in written[FILES["json"]]


@pytest.mark.parametrize("length", [200, 500, 2000])
def test_no_cut_goes_through_a_key(judge: Judge, length: int) -> None:
    """Where a report shows so many characters, the key lies across the last of them."""

    def echo(asked: Asked) -> Reply | None:
        if asked.path != HEALTH:
            return good(asked)
        before = length - len(KEY) // 2 - len('{"status": "sick", "echo": "')
        return reply(200, {"status": "sick", "echo": f"{'-' * before}{KEY}{'-' * 999}"})

    with serving(echo) as server:
        ended = judge(server.url, *HEALTH_ALONE)
    assert ended.code == 1
    written = {path.name: path.read_text(encoding="utf-8") for path in ended.folder.iterdir()}
    for name, text in {**written, "out": ended.out, "err": ended.err}.items():
        assert KEY[:6] not in text, name


def test_a_read_only_run_sends_only_safe_methods(judge: Judge) -> None:
    with serving() as server:
        ended = judge(server.url, "--read-only", "--only", "auth", "--only", "health")
    assert {asked.method for asked in server.asked} <= {"GET", "HEAD", "OPTIONS"}
    assert "run without --read-only" in ended.out
    assert not list(ended.folder.glob("*.jsonl"))


def test_planned_requests_are_listed_and_not_sent(judge: Judge) -> None:
    with serving() as server:
        ended = judge(server.url, "--plan-requests", "--only", "health", "--only", "auth", key=None, reports=False)
    assert (ended.code, ended.err, server.asked) == (0, "", [])
    assert "test_health::test_health_is_answered_without_a_key\n      1 GET     /api/v1/health\n" in ended.out
    assert "Nothing was sent." in ended.out
    assert not list(ended.folder.iterdir())


def test_what_is_left_is_listed(judge: Judge, server: Server) -> None:
    ended = judge(server.url, "--only", "auth.key.bearer", "--run-id", "mine")
    ledger = ended.folder / "twosignal-conformance-mine.jsonl"
    command = [sys.executable, "-m", "twosignal_conformance", "left", str(ledger)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert done.stdout.startswith(f"run mine on {server.url}, begun ")
    assert re.search(
        r"^trace\t[0-9a-f-]{36}\ttrace mine 1-[0-9a-f]{6}\ttest_authentication::\S+\t--api-key$",
        done.stdout,
        re.MULTILINE,
    )
    assert done.stdout.splitlines()[-1].startswith("1 trace, 1 score, 1 template version at most")


def test_a_ledger_that_is_none_ends_with_3(tmp_path: Path) -> None:
    bad = tmp_path / "bad"
    bad.write_text("{}\n", encoding="utf-8")
    command = [sys.executable, "-m", "twosignal_conformance", "left", str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stderr) == (3, f"{bad}:1: is no line of a run ledger\n")


# --- the end of a run ---


def test_time_that_is_up_ends_with_5(judge: Judge, server: Server) -> None:
    ended = judge(server.url, "--max-time", "0", *HEALTH_ALONE)
    assert ended.code == 5
    assert ended.out.splitlines()[-1].endswith("the run was cut by --max-time")


def test_nothing_judged_ends_with_5(judge: Judge, server: Server) -> None:
    ended = judge(server.url, "--only", "auth.key.revoked")
    assert (ended.code, ended.out.splitlines()[-1]) == (5, "nothing was judged")


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_run_still_reports(tmp_path: Path, sent: signal.Signals) -> None:
    left = [5]

    def slow(asked: Asked) -> Reply | None:
        left[0] -= 1
        if left[0] < 0:
            time.sleep(5)
        return good(asked)

    with serving(slow) as running:
        command = [
            sys.executable,
            "-m",
            "twosignal_conformance",
            "server",
            running.url,
            "--api-key",
            KEY,
            "--json",
            "r.json",
        ]
        process = subprocess.Popen(command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True)
        while len(running.asked) < 5:
            time.sleep(0.02)
        process.send_signal(sent)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 130
    assert out.splitlines()[-1].endswith("the run was interrupted")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["run"]["state"] == "interrupted"


def test_a_reader_that_went_away_ends_the_output_and_not_the_run(tmp_path: Path, server: Server) -> None:
    command = [sys.executable, "-m", "twosignal_conformance", "server", server.url, "--api-key", KEY]
    command += ["--only", "health", "--only", "auth.key", "--json", "r.json"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdout.readline().startswith("judging ")
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    state = json.loads((tmp_path / "r.json").read_text(encoding="utf-8")) if process.wait(timeout=60) < 2 else {}
    assert (process.returncode, err) == (int(bool(state["summary"]["fail"])), "")
    assert state["run"]["state"] == "complete"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_output_that_finds_no_room_is_told_once_and_the_run_goes_on(tmp_path: Path, server: Server) -> None:
    command = [sys.executable, "-m", "twosignal_conformance", "server", server.url, "--api-key", KEY, *HEALTH_ALONE]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*command, "--json", "r.json"],
            cwd=tmp_path,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == 0
    assert done.stderr == "standard output cannot be written (No space left on device); the run goes on\n"
    assert (tmp_path / "r.json").stat().st_size


def test_a_ledger_that_fills_up_ends_with_5_and_nothing_is_created_after_it(tmp_path: Path, server: Server) -> None:
    command = [sys.executable, "-B", "-m", "twosignal_conformance", "server", server.url, "--api-key", KEY]
    command += ["--only", "traces.fields", "--profile", "quick", "--settle", "0", "--ledger", "ledger"]
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 1; exec "$@"', "bash", *command],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.stdout.count("error of the suite run ledger: --ledger: ledger cannot be written (File too large)") == 1
    assert done.returncode in (1, 5), "a violation comes before what could not be finished"
    assert "Traceback" not in done.stdout + done.stderr


def test_help_tells_exit_codes_and_variables() -> None:
    command = [sys.executable, "-m", "twosignal_conformance", "server", "--help"]
    done = subprocess.run(
        command, env=environment(COLUMNS="200"), capture_output=True, text=True, check=True, timeout=30
    )
    text = " ".join(done.stdout.split())
    for part in (
        "Exit codes: 0",
        "130 interrupted",
        "TWOSIGNAL_CONFORMANCE_SETTLE",
        "TWOSIGNAL_API_KEY",
        "--plan-requests",
        "<must|should>",
    ):
        assert part in text


def test_the_register_names_the_checks_of_a_clause() -> None:
    command = [sys.executable, "-m", "twosignal_conformance", "clauses", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    checks = {row["id"]: row["checks"] for row in json.loads(done.stdout)}
    assert checks["health.body"] == ["test_health::test_health_is_answered_without_a_key"]
