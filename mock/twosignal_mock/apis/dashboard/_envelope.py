"""Superjson envelopes: what of a value is a date is told beside it, and inputs are taken out of theirs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from twosignal_mock.apis.rest.traces import format_timestamp


class Date(str):
    """An instant as text, which an envelope names as a date."""

    __slots__ = ()


def date(milliseconds: int) -> Date:
    """The instant of milliseconds since 1970."""
    return Date(format_timestamp(milliseconds))


def optional_date(text: str | None) -> Date | None:
    """The instant that a text says; None when there is none."""
    return None if text is None else Date(text)


def wrap(value: Any) -> dict[str, Any]:
    """The body of a result."""
    data: dict[str, Any] = {"json": value}
    if dates := dict.fromkeys(_dates(value, ())):
        data["meta"] = {"values": {path: ["Date"] for path in dates}}
    return {"result": {"data": data}}


def unwrap(envelope: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The input without what is null: an optional field that is null is absent. A call without an input has none."""
    sent = None if envelope is None else envelope.get("json")
    return {} if sent is None else {name: value for name, value in sent.items() if value is not None}


def _dates(value: Any, path: tuple[str, ...]) -> Iterator[str]:
    """Where the dates stand, as superjson writes paths."""
    if isinstance(value, Date):
        yield ".".join(path)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _dates(item, (*path, str(index)))
    elif isinstance(value, dict):
        for name, member in value.items():
            if isinstance(member, Date | list | dict):
                yield from _dates(member, (*path, name))
