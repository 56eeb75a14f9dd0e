"""What a run found, as tables of text: the page and the terminal show the same ones."""

from collections.abc import Iterator

from bench._record import Record
from bench.tables._agreement import agreement_table
from bench.tables._figures import FIGURES
from bench.tables._rounds import ROUNDS
from bench.tables._table import Table
from bench.tables._verdicts import verdicts

__all__ = ["Table", "agreement_table", "tables", "verdicts"]


def tables(record: Record) -> Iterator[Table]:
    """Every table of figures that has rows, the most wanted first."""
    for make in (*ROUNDS, *FIGURES):
        table = make(record)
        if table.rows:
            yield table
