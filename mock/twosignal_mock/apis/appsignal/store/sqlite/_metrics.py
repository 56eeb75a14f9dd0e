"""Metrics in SQLite: minutes, and the same once more as hours, so that a day is read in a moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson

from twosignal_mock.apis.appsignal.store._metrics import HOUR, MINUTE, Bin, Cell, Minute, Series, Stream
from twosignal_mock.engine.store import Connection


class _Kind(NamedTuple):
    """Tables of the same rows for two widths, and how rows are merged."""

    tables: Mapping[int, str]
    columns: str
    merged: str
    key: str
    """What stays apart beside series and interval."""


_CELLS = _Kind(
    {MINUTE: "appsignal_metric_minute", HOUR: "appsignal_metric_hour"},
    "count, sum, least, most",
    "total(count), total(sum), min(least), max(most)",
    "",
)
_BINS = _Kind(
    {MINUTE: "appsignal_metric_minute_bin", HOUR: "appsignal_metric_hour_bin"},
    "bin, count",
    "bin, total(count)",
    ", bin",
)


class SqliteMetrics:
    """The metrics of one project."""

    def __init__(self, connection: Connection, project: int) -> None:
        self._connection = connection
        self._project = project

    def names(self, site: int) -> Sequence[str]:
        """The names of a site's metrics, each once, in alphabetical order."""
        # Each step is one look-up in the index, however many series a metric has.
        rows: Any = self._connection.execute(_NAMES, (self._project, site, self._project, site))
        return [name for (name,) in rows]

    def series(self, site: int, metric: str) -> Sequence[Series]:
        """The series of a metric, in the order in which they came."""
        where = "AND site = ? AND metric = ? ORDER BY number"
        return [_series(row) for row in self._connection.execute(f"{_SERIES} {where}", (self._project, site, metric))]

    def count_series(self, site: int) -> int:
        """How many series a site has."""
        statement = "SELECT count(*) FROM appsignal_series WHERE project = ? AND site = ?"
        row: Any = self._connection.execute(statement, (self._project, site)).fetchone()
        return int(row[0])

    def add_series(self, site: int, metric: str, type_: str, tags: Mapping[str, str]) -> Series:
        """A new series; its tags in the order of their keys."""
        row: Any = self._connection.execute(_NEXT, (self._project,)).fetchone()
        series = Series(row[0], site, metric, type_, tags)
        self.put_series(series)
        return series

    def put_series(self, series: Series) -> None:
        """Keeps a series that is not there yet."""
        self._connection.execute(_ADD_SERIES, (self._project, *series[:-1], orjson.dumps(series.tags).decode()))

    def add(self, minutes: Sequence[Minute]) -> None:
        """Adds to what is known of series and minutes."""
        execute = self._connection.executemany
        for width, table in _CELLS.tables.items():
            execute(
                f"INSERT INTO {table} (project, series, start, count, sum, least, most) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count, "
                "sum = sum + excluded.sum, least = min(least, excluded.least), most = max(most, excluded.most)",
                [(self._project, each.series, each.start - each.start % width, *each[2:6]) for each in minutes],
            )
        for width, table in _BINS.tables.items():
            execute(
                f"INSERT INTO {table} (project, series, start, bin, count) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT DO UPDATE SET count = count + excluded.count",
                [
                    (self._project, each.series, each.start - each.start % width, int(bin_), count)
                    for each in minutes
                    for bin_, count in each.bins.items()
                ],
            )

    def cells(self, series: Sequence[int], first: int, last: int, width: int | None) -> Sequence[Cell]:
        """The sums of series in each interval of `width` seconds that has any; None: one of the whole range."""
        return [
            Cell(number, start, int(count), *rest)
            for number, start, count, *rest in self._merged(_CELLS, series, first, last, width)
        ]

    def bins(self, series: Sequence[int], first: int, last: int, width: int | None) -> Sequence[Bin]:
        """The same for the bins of measurements; those of one series and interval in the order of their values."""
        rows = self._merged(_BINS, series, first, last, width)
        return [Bin(number, start, bin_, int(count)) for number, start, bin_, count in rows]

    def stream(self, key: str) -> Stream | None:
        """What is known of a stream."""
        row: Any = self._connection.execute(f"{_STREAMS} AND key = ?", (self._project, key)).fetchone()
        return None if row is None else _stream(row)

    def put_stream(self, stream: Stream) -> None:
        """Keeps a stream in the place of the one with its key."""
        state = orjson.dumps(stream.state).decode()
        statement = "INSERT OR REPLACE INTO appsignal_stream (project, key, start, time, state) VALUES (?, ?, ?, ?, ?)"
        self._connection.execute(statement, (self._project, *stream[:3], state))

    def all_series(self) -> Iterable[Series]:
        """All series, by number."""
        return (_series(row) for row in self._connection.execute(f"{_SERIES} ORDER BY number", (self._project,)))

    def all_minutes(self) -> Iterable[Minute]:
        """All minutes, by series and start."""
        cells, bins = self._every(_CELLS), self._every(_BINS)
        by_minute = {key: {str(row[2]): row[3] for row in rows} for key, rows in groupby(bins, itemgetter(0, 1))}
        return (Minute._make([*row, by_minute.get(row[:2], {})]) for row in cells)

    def all_streams(self) -> Iterable[Stream]:
        """All streams, by key."""
        return (_stream(row) for row in self._connection.execute(f"{_STREAMS} ORDER BY key", (self._project,)))

    def _every(self, kind: _Kind) -> Any:
        """All rows of minutes."""
        statement = (
            f"SELECT series, start, {kind.columns} FROM {kind.tables[MINUTE]} WHERE project = ? "
            f"ORDER BY series, start{kind.key}"
        )
        return self._connection.execute(statement, (self._project,)).fetchall()

    def _merged(self, kind: _Kind, series: Sequence[int], first: int, last: int, width: int | None) -> Iterator[Any]:
        """Rows that are merged by interval: whole hours where intervals are no shorter, else minutes."""
        listed = orjson.dumps(list(series)).decode()
        pieces, bindings = [], list[Any]()
        for step, since, until in _parts(first, last, width):
            pieces.append(
                f"SELECT series, start, {kind.columns} FROM {kind.tables[step]} WHERE project = ? "
                "AND series IN (SELECT value FROM json_each(?)) AND start BETWEEN ? AND ?"
            )
            bindings += [self._project, listed, since, until]
        if not pieces:
            return iter(())
        if width == MINUTE:
            # Each row is an interval already, and lies in the order of the key.
            return self._connection.execute(f"{pieces[0]} ORDER BY series, start{kind.key}", bindings)
        interval = "0" if width is None else f"start - start % {width}"
        return self._connection.execute(
            f"SELECT series, {interval} AS interval, {kind.merged} FROM ({' UNION ALL '.join(pieces)}) "
            f"GROUP BY series, interval{kind.key} ORDER BY series, interval{kind.key}",
            bindings,
        )


def _parts(first: int, last: int, width: int | None) -> Iterator[tuple[int, int, int]]:
    """Width of the rows to read, with the first and the last start."""
    if first > last:
        return
    since, until = -(-first // HOUR) * HOUR, (last + MINUTE) // HOUR * HOUR
    if (width is not None and width % HOUR) or since >= until:
        yield MINUTE, first, last
        return
    if first < since:
        yield MINUTE, first, since - MINUTE
    yield HOUR, since, until - HOUR
    if until <= last:
        yield MINUTE, until, last


_NAMES = """
WITH RECURSIVE found(name) AS (
    SELECT min(metric) FROM appsignal_series WHERE project = ? AND site = ?
    UNION ALL
    SELECT (SELECT min(metric) FROM appsignal_series WHERE project = ? AND site = ? AND metric > name)
    FROM found WHERE name IS NOT NULL
) SELECT name FROM found WHERE name IS NOT NULL
"""
_SERIES = f"SELECT {', '.join(Series._fields)} FROM appsignal_series WHERE project = ?"
_NEXT = "SELECT ifnull(max(number), 0) + 1 FROM appsignal_series WHERE project = ?"
_ADD_SERIES = f"INSERT INTO appsignal_series (project, {', '.join(Series._fields)}) VALUES (?, ?, ?, ?, ?, ?)"
_STREAMS = f"SELECT {', '.join(Stream._fields)} FROM appsignal_stream WHERE project = ?"


def _series(row: Any) -> Series:
    series = Series(*row)
    return series._replace(tags=orjson.loads(row[-1]))


def _stream(row: Any) -> Stream:
    stream = Stream(*row)
    return stream._replace(state=tuple(orjson.loads(row[-1])))
