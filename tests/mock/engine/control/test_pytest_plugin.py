"""The pytest plugin, in runs of its own."""

from importlib.metadata import entry_points

import pytest
from twosignal_contract import load_contract

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.xdist_group("mock_server")

PLUGIN = "twosignal_mock._pytest_plugin"

TESTS = """
    import httpx
    import pytest

    seen = set()

    def ask(sandbox):
        headers = {"Authorization": "Bearer " + sandbox.api_key}
        return httpx.get(sandbox.url + "/api/v1/traces", headers=headers, trust_env=False)

    @pytest.mark.parametrize("number", range(4))
    def test_each_has_a_sandbox_of_its_own(twosignal_sandbox, number):
        assert twosignal_sandbox.journal() == []
        assert ask(twosignal_sandbox).status_code == 200
        assert len(twosignal_sandbox.journal()) == 1
        assert twosignal_sandbox.api_key not in seen
        seen.add(twosignal_sandbox.api_key)
        assert twosignal_sandbox.environment["TWOSIGNAL_API_KEY"] == twosignal_sandbox.api_key
        assert twosignal_sandbox.name.endswith(f"of_its_own-{number}-")

    def test_the_server_is_there(twosignal_mock, twosignal_sandbox):
        assert ask(twosignal_mock).status_code == 200
        assert twosignal_mock.url == twosignal_sandbox.url
"""


@pytest.fixture
def arguments() -> list[str]:
    """The installed package has an entry point for the plugin; where it was installed before that, the name does."""
    loaded = any(entry.value == PLUGIN for entry in entry_points(group="pytest11"))
    return ["-p", "no:cacheprovider"] + ([] if loaded else ["-p", PLUGIN])


@pytest.mark.parametrize("workers", ["0", "2"])
def test_each_test_has_a_sandbox_of_its_own(pytester: pytest.Pytester, arguments: list[str], workers: str) -> None:
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess(*arguments, "-n", workers, timeout=100)
    result.assert_outcomes(passed=5)


def test_options_come_from_the_ini_file_and_the_command_line(pytester: pytest.Pytester, arguments: list[str]) -> None:
    *_, first, second = load_contract().plans
    pytester.makeini(f"[pytest]\ntwosignal_mock_args = --plan={first} --clock=2026-01-31T12:00:00Z")
    pytester.makepyfile(
        f"""
        def test_options(twosignal_sandbox):
            assert twosignal_sandbox.plan == {second!r}
            assert twosignal_sandbox.clock.now().year == 2026
        """
    )
    result = pytester.runpytest_subprocess(*arguments, f"--twosignal-mock-arg=--plan={second}", timeout=100)
    result.assert_outcomes(passed=1)


def test_a_test_that_fails_leaves_no_sandbox(pytester: pytest.Pytester, arguments: list[str]) -> None:
    pytester.makepyfile(
        """
        def test_that_fails(twosignal_sandbox):
            assert False

        def test_after_it(twosignal_mock):
            sandboxes = twosignal_mock._connection.call_server("GET", "/sandboxes")["sandboxes"]
            assert sorted(each["name"] for each in sandboxes) == ["start", "unkeyed"]
        """
    )
    result = pytester.runpytest_subprocess(*arguments, timeout=100)
    result.assert_outcomes(passed=1, failed=1)


def test_a_run_that_needs_no_server_starts_none(pytester: pytest.Pytester, arguments: list[str]) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            assert "httpx" not in sys.modules
        """
    )
    result = pytester.runpytest_subprocess(*arguments, "--twosignal-mock-arg=--no-such-option", timeout=100)
    result.assert_outcomes(passed=1)


def test_fixtures_are_described(pytester: pytest.Pytester, arguments: list[str]) -> None:
    result = pytester.runpytest_subprocess(*arguments, "--fixtures", timeout=100)
    result.stdout.fnmatch_lines(["twosignal_mock *", "*for the whole run*", "twosignal_sandbox *"])
