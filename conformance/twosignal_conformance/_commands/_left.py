"""`twosignal-conformance left`: what a run created, read from its ledger."""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

_INVALID = 3
"""Exit code for a file that is no run ledger."""


def list_left(
    ledger: Annotated[Path, typer.Argument(metavar="RUN-LEDGER", help="File that a run of `server` wrote.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON array of what was created.")] = False,
) -> None:
    """List what a run created and did not delete, and where.

    An entry is written before its request is sent, so what is listed may not be there: the server may have refused it.
    """
    runs, rows = _read(ledger)
    if as_json:
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for run in runs:
        print(f"run {run['run']} on {run['url']}, begun {run['now']}, seed {run['seed']}")
    for row in rows:
        count = row["holds"]
        holds = f", with {count} part{'' if count == 1 else 's'}" if count else ""
        print(f"{row['creates']}\t{row['id']}\t{row['name']}{holds}\t{row['check']}\t{row['key']}")
    counts = Counter(row["creates"] for row in rows)
    total = ", ".join(f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts.items())
    print(f"\n{total or 'nothing'} at most: what the server refused is listed, too")


def _read(ledger: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The runs and the creations. The last line may be cut, when the machine went down; any other line may not."""
    try:
        lines = ledger.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        _refuse(f"{ledger}: cannot be read ({error})")
    runs: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError:
            if number == len(lines) and runs:
                continue
            _refuse(f"{ledger}:{number}: is no line of a run ledger")
        match row:
            case {"run": {"run": _, "url": _, "seed": _, "now": _}}:
                runs.append(row["run"])
            case {"creates": str(), "id": _, "name": _, "holds": int(), "check": _, "key": _}:
                rows.append(row)
            case {"deletes": str(kind), "id": str(identifier)}:
                rows = [each for each in rows if (each["creates"], each["id"]) != (kind, identifier)]
            case _:
                _refuse(f"{ledger}:{number}: is no line of a run ledger")
    if not runs:
        _refuse(f"{ledger}: is no run ledger, its first line names no run")
    return runs, rows


def _refuse(message: str) -> NoReturn:
    print(message, file=sys.stderr)
    raise typer.Exit(_INVALID)
