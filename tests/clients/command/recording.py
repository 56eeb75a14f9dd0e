"""Makes the picture of a terminal in the command's README: what somebody types, and what the command prints.

    python -m tests.clients.command.recording

It is the same picture each time; a test compares it.
"""

from __future__ import annotations

import io
import re
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text
from twosignal_mock import MockServer

if __name__ == "__main__":
    # As tests/clients/command/conftest.py does for tests.
    sys.path.insert(0, str(Path(__file__).parents[3] / "generated_clients" / "command"))

from tests.clients.command.conftest import THREE, Place, log_in
from tests.clients.command.programs import FOLDER, Program

PICTURE = FOLDER / "recording.svg"
_COLUMNS = 92


def picture() -> str:
    """The picture, as SVG."""
    console = Console(record=True, width=_COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line, printed in _session():
        console.print(Text.assemble(("$ ", "green"), (line, "bold")))
        console.print(Text.from_ansi(printed.rstrip("\r\n").replace("\r", "")))
        console.print()
    svg = console.export_svg(title="twosignal", theme=MONOKAI, unique_id="terminal")
    # Readers of a README fetch no fonts.
    return re.sub(r"@font-face \{.*?\}\s*", "", svg, flags=re.DOTALL)


def _session() -> list[tuple[str, str]]:
    """Command lines with what they print, on a terminal."""
    with MockServer() as server, server.sandbox("recording") as sandbox, tempfile.TemporaryDirectory() as folder:
        place = log_in(sandbox, Path(folder) / "home")
        _fill(place)
        program = Program(place.program.home, {"TWOSIGNAL_URL": sandbox.url})
        project, trace = place.project, str(THREE[1]["id"])
        lines = [
            f"login -e {sandbox.email} -p ...",
            f"traces list --project {project}",
            f"traces get {trace} --project {project}",
            f"usage --org {place.organization}",
        ]
        return [(_settled(f"twosignal {line}", place), _printed(program, place, line)) for line in lines]


def _printed(program: Program, place: Place, line: str) -> str:
    arguments = [place.sandbox.password if word == "..." else word for word in line.split()]
    with program.terminal(*arguments, columns=_COLUMNS) as terminal:
        assert terminal.end() == 0, terminal.seen
    return _settled(terminal.seen, place)


def _settled(text: str, place: Place) -> str:
    """The same text with what is another each time in a form that stays: ids, e-mail, port, times."""
    for found, settled in {
        place.sandbox.url: "http://127.0.0.1:3000",
        place.sandbox.email: "you@example.com",
        place.project: "a4c0f7de-52b1-4b0c-8f62-5d3a7e9b1c20",
        place.organization: "3f6b1c58-7a64-4f0e-9a51-2f0c9d1e7a10",
    }.items():
        text = text.replace(found, settled)
    text = re.sub(r" \(\d{4}-\d\d-\d\dT[0-9:.]+Z\)", "", text)
    return re.sub(r"(Month\S* +)\d{4}-\d\d", r"\g<1>2026-03", text)


def _fill(place: Place) -> None:
    """The three traces of the documentation; the one that failed has spans below each other."""
    for trace in reversed(THREE):
        place.sandbox.clock.freeze(datetime.now(UTC) - timedelta(minutes=trace["minutes"], seconds=20))
        inner = [
            {"name": "plan", "type": "AGENT", "status": "OK"},
            {"name": "search", "type": "RETRIEVAL", "status": "OK", "below": "plan"},
            {"name": "weather", "type": "TOOL", "status": "ERROR", "below": "plan", "error": "timeout after 4s"},
        ]
        place.ingest({**trace, "inner": inner if trace.get("status") == "ERROR" else []})
    place.score(str(THREE[1]["id"]), "Has JSON", 0, "fail")
    place.sandbox.clock.follow()


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
