"""Tables and trees for people, as wide as the terminal. Rows that a table has no room for stand one below another."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._records import Record
from ._text import cost, duration, safe

if TYPE_CHECKING:
    from rich.console import RenderableType

_LEAST = 10
"""Characters that are left of a column that may be cut off."""
_GAP = 2
_WIDEST = 10_000
"""Characters of a table that goes into a file or a pipe: as many as it needs."""
_DEEPEST = 16
"""Levels of a tree that are set in; what is deeper stands below its parent, at the same level."""
_COLORS = {"OK": "green", "ERROR": "red", "active": "green", "revoked": "red", "failed": "red", "ok": "green"}


@dataclass(frozen=True)
class Column:
    """A column: its title, and its text for a record."""

    title: str
    text: Callable[[Record], str]
    may_be_cut: bool = False
    colored: bool = False


def field(title: str, name: str, *, may_be_cut: bool = False, colored: bool = False) -> Column:
    """A column that shows a field as it is."""
    return Column(title, lambda record: safe(record.get(name)), may_be_cut, colored)


class Table:
    """A table that may come in several parts; the first one says how wide the columns are."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._widths: list[int] | None = None
        self._parts = 0

    def part(self, records: Sequence[Record]) -> str:
        """Some rows; the first part has the titles above them."""
        from rich.cells import cell_len

        cells = [[column.text(record) for column in self._columns] for record in records]
        needed = [max(cell_len(text) for text in texts) for texts in zip(*cells, strict=True)]
        titles = [cell_len(column.title) for column in self._columns]
        widths = [max(pair) for pair in zip(needed, self._widths or titles, strict=True)]
        fitting = self._fitting(widths)
        self._parts += 1
        if fitting is None:
            return self._records(cells)
        self._widths = fitting
        return self._lines(cells, fitting)

    def _fitting(self, widths: Sequence[int]) -> list[int] | None:
        """Widths that fit into a line; None when even short names do not make room."""
        too_much = sum(widths) + _GAP * (len(widths) - 1) - line_width()
        found = list(widths)
        for index, column in enumerate(self._columns):
            if column.may_be_cut and too_much > 0:
                less = min(too_much, max(0, found[index] - max(_LEAST, len(column.title))))
                found[index] -= less
                too_much -= less
        return None if too_much > 0 else found

    def _lines(self, cells: Sequence[Sequence[str]], widths: Sequence[int]) -> str:
        from rich.cells import set_cell_size
        from rich.style import Style
        from rich.text import Text

        lines = Text()
        if self._parts == 1:
            titles = (set_cell_size(row.title, width) for row, width in zip(self._columns, widths, strict=True))
            lines.append((" " * _GAP).join(titles).rstrip() + "\n", Style(bold=True))
            lines.append(_rule() * (sum(widths) + _GAP * (len(widths) - 1)) + "\n", Style(dim=True))
        for row in cells:
            for index, (text, width, column) in enumerate(zip(row, widths, self._columns, strict=True)):
                last = index == len(widths) - 1
                shown = _cut(text, width)
                style = _COLORS.get(text) if column.colored else None
                lines.append(shown if last else set_cell_size(shown, width) + " " * _GAP, style)
            lines.append("\n")
        return rendered(lines)

    def _records(self, cells: Sequence[Sequence[str]]) -> str:
        parts = [pairs([(row.title, text) for row, text in zip(self._columns, texts, strict=True)]) for texts in cells]
        return ("\n" if self._parts > 1 else "") + "\n".join(parts)


def pairs(rows: Sequence[tuple[str, str]]) -> str:
    """Labels with their texts, one on a line."""
    from rich.style import Style
    from rich.text import Text

    width = max((len(label) for label, _ in rows), default=0)
    lines = Text()
    for label, text in rows:
        lines.append(label.ljust(width) + " " * _GAP, Style(bold=True))
        lines.append(f"{text}\n")
    return rendered(lines)


def span_tree(trace: Record) -> str:
    """The spans of a trace below their parents. One whose parent is missing, or is below itself, stands at the top."""
    from rich.text import Text
    from rich.tree import Tree

    spans = [span for span in trace.get("spans", ()) if isinstance(span, dict)]
    below: dict[Any, list[Record]] = {}
    known = {str(span.get("id")) for span in spans}
    for span in spans:
        parent = str(span.get("parent_span_id"))
        below.setdefault(parent if parent in known else None, []).append(span)
    root = Tree(Text(safe(trace.get("name")), "bold"), guide_style="dim")
    shown: set[int] = set()
    # By hand and not by recursion: a trace may be deeper than Python allows.
    # What is waiting at the end goes in a circle: nothing leads to it.
    waiting = [(root, 1, span) for span in [*reversed(spans), *reversed(below.get(None, []))]]
    while waiting:
        branch, depth, span = waiting.pop()
        if id(span) not in shown:
            shown.add(id(span))
            leaf = branch.add(_span_line(span))
            deeper = (leaf, depth + 1) if depth < _DEEPEST else (branch, depth)
            waiting += [(*deeper, child) for child in reversed(below.get(str(span.get("id")), []))]
    return rendered(root)


def _span_line(span: Record) -> RenderableType:
    from rich.text import Text

    line = Text(f"{safe(span.get('type'))} ", "cyan")
    line.append(safe(span.get("name")))
    status = safe(span.get("status"))
    line.append(f"  {status}", _COLORS.get(status))
    more = [duration(span.get("duration_ms")), cost(span["cost_usd"]) if span.get("cost_usd") else ""]
    more += [safe(span[name]) for name in ("model",) if span.get(name)]
    line.append(f"  {'  '.join(filter(None, more))}", "dim")
    if span.get("error_message"):
        line.append(f"\n{safe(span['error_message'])}", "red")
    return line


def line_width() -> int:
    """Characters of a line: those of the terminal, or as many as are needed when there is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDEST


def rendered(what: RenderableType) -> str:
    """What Rich makes of something: with colors on a terminal that has them."""
    from rich.console import Console

    terminal = sys.stdout.isatty()
    file = io.StringIO()
    console = Console(
        file=file,
        force_terminal=terminal,
        no_color=not terminal or "NO_COLOR" in os.environ,
        width=line_width(),
        safe_box=not _knows_lines(),
        legacy_windows=False,
    )
    console.print(what, end="", soft_wrap=not _is_tree(what))
    return file.getvalue()


def _is_tree(what: object) -> bool:
    """Whether Rich breaks its lines; ours are as long as they are, and the terminal breaks them."""
    from rich.tree import Tree

    return isinstance(what, Tree)


def _cut(text: str, width: int) -> str:
    from rich.cells import cell_len, set_cell_size

    return text if cell_len(text) <= width else set_cell_size(text, width - 1).rstrip() + _ellipsis()


def _rule() -> str:
    return "─" if _knows_lines() else "-"


def _ellipsis() -> str:
    return "…" if _knows_lines() else "~"


def _knows_lines() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "").startswith("utf")
