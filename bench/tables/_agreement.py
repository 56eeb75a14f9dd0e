"""How far a figure may be from that of the next run, and whether this run and the one before agree by that."""

from __future__ import annotations

from bench._agreement import Agreement
from bench._kinds import KINDS
from bench.tables._table import Table

_HEADING = "How far the next run may be"
_NOTE = (
    "The spread behind a figure is half of the range of its rounds, and at least what stands here, for a range of few "
    "rounds of one run says too little about another run, and what is measured once has none. Two runs agree on a "
    "figure when their intervals, median ± spread, meet; of figures that differ by chance alone about one in a hundred "
    "is apart all the same."
)


def agreement_table(told: Agreement | None) -> Table:
    """The spreads that are granted; with a run before, how many figures of each kind agree with it."""
    if told is None:
        rows = [(kind.says, _percent(kind.least)) for kind in KINDS]
        return Table(_HEADING, _NOTE, ("figures", "spread at least"), rows)
    counted = [
        (kind.says, _percent(kind.least), str(kind.compared), str(kind.compared - len(kind.apart)))
        for kind in told.kinds
        if kind.compared
    ]
    header = ("figures", "spread at least", "compared", "agree")
    return Table(_HEADING, f"{_NOTE}\n\n**{told.summary}**", header, counted)


def _percent(part: float) -> str:
    return f"± {100 * part:.0f} %"
