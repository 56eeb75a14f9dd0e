"""The page: everything that was found is on it, and what could not be had as well."""

from __future__ import annotations

import io
import re
from pathlib import Path

from rich.console import Console

import bench
from bench.__main__ import main
from bench._kinds import RATE
from bench._page import page, show
from bench._record import Record
from bench._targets import TARGETS
from tests.bench.records import record

_RATE, _RATIO = (f"± {100 * granted:.0f} %" for granted in (RATE.least, RATE.ratio))


def test_the_page_has_rates_ratios_and_targets() -> None:
    text = page(record(ours=(290, 310, 300), prism=(100, 100, 100), fastapi=(200, 200, 200)), None)
    assert f"| POST of 2 events | 300 {_RATE} | 100 {_RATE} | 200 {_RATE} |" in text
    assert f"| POST of 2 events |  | 3.00 {_RATIO} | 1.50 {_RATIO} |" in text
    assert f"| POST of 2 events, durable, over Prism | at least 3 | 3.00 {_RATIO} | reached |" in text
    missed = f"| POST of 2 events, durable, over FastAPI by hand | at least 2.3 | 1.50 {_RATIO} | **not reached** |"
    assert missed in text
    assert "| time until ready over Prism's | at most 0.5 |  | not measured |" in text


def test_the_page_says_what_could_not_be_had() -> None:
    assert "- Specmatic: Java is not installed" in page(record(ours=(1,)), None)


def test_a_bar_in_what_a_machine_says_does_not_break_the_table() -> None:
    assert "| processor | a \\| b |" in page(record(ours=(1,)), None)


def test_the_page_tells_whether_the_run_before_agrees() -> None:
    text = page(record(ours=(300, 310)), record(ours=(600, 620)))
    assert "**1 of 2 figures (50 %) agree" in text
    assert f"| requests per second | {_RATE} | 1 | 0 |" in text
    assert f"- post-2, ours: 305 {_RATE}, before 610 {_RATE} (requests per second)" in text


def test_the_page_of_a_first_run_states_the_spreads_that_a_second_one_is_held_to() -> None:
    text = page(record(ours=(300, 310)), None)
    assert f"| requests per second | {_RATE} |" in text
    assert "agree with the run" not in text


def test_what_was_not_reached_and_only_that_has_its_profile_on_the_page() -> None:
    text = page(record(ours=(290, 310, 300), prism=(100, 100, 100), fastapi=(200, 200, 200)), None)
    assert "### Not reached: POST of 2 events, durable, over FastAPI by hand\n\nOf " in text
    assert "### Not reached: POST of 2 events, durable, over Prism" not in text


def test_every_target_has_a_profile_to_show_and_no_profile_is_of_another_thing() -> None:
    headings = re.findall(r"^## (.*)$", (Path(bench.__file__).parent / "why.md").read_text("utf-8"), re.MULTILINE)
    assert headings == [target.says for target in TARGETS]


def test_the_terminal_shows_the_same_tables() -> None:
    console = Console(record=True, width=160, file=io.StringIO())
    show(record(ours=(300, 310), prism=(100, 100)), None, console)
    text = console.export_text()
    assert "Requests per second" in text
    assert "not had: Specmatic: Java is not installed" in text


def test_a_record_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    kept = record(ours=(1, 2))
    kept.save(tmp_path / "deep" / "results.json")
    assert Record.load(tmp_path / "deep" / "results.json") == kept


def test_the_page_is_written_again_from_the_results_of_this_run_and_the_one_before(tmp_path: Path) -> None:
    results, page_ = tmp_path / "results.json", tmp_path / "page.md"
    record(ours=(300, 310)).save(results)
    record(ours=(600, 620)).save(tmp_path / "results.before.json")
    assert main(["--again", "--results", str(results), "--page", str(page_)]) == 0
    assert page_.read_text("utf-8") == page(record(ours=(300, 310)), record(ours=(600, 620)))
