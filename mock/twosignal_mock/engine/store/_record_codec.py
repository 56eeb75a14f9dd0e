"""Records as JSON values, and back: by the types of their fields, so that an export needs no code for each record.

A field is a key in camelCase. What does not fit is refused with where it stands, what came and what was expected.
"""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Callable, Mapping
from functools import partial
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin, get_type_hints

import orjson

_EMBEDDED = object()
JsonText = Annotated[str, _EMBEDDED]
"""The type of a field that holds JSON as text. An export shows what the text means."""

_SHOWN = 60
"""Characters of a refused value that a message shows."""
_INTEGERS = range(-(1 << 63), 1 << 63)
"""What every database can keep."""


class RecordError(ValueError):
    """A JSON value is not the record that was expected."""

    def __init__(self, path: str, value: object, expected: str) -> None:
        text = json.dumps(value, default=repr, ensure_ascii=False, separators=(",", ":"))
        shown = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
        super().__init__(f"{path}: got {shown}, expected {expected}")


class Codec(NamedTuple):
    """How values of one type are written and read."""

    to_json: Callable[[Any], Any]
    from_json: Callable[[Any, str], Any]
    """From a JSON value and where it stands. Raises RecordError."""


def codec_of(hint: Any) -> Codec:
    """The codec of a type: a record (NamedTuple or dataclass), a plain JSON type, a tuple or an optional one."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _PLAIN:
        return Codec(_same, partial(_read_plain, *_PLAIN[hint]))
    if origin is Annotated and _EMBEDDED in arguments:
        return Codec(orjson.loads, _read_embedded)
    if origin in (types.UnionType, Union):
        (inner,) = (codec_of(each) for each in arguments if each is not types.NoneType)
        return Codec(
            lambda value: None if value is None else inner.to_json(value),
            lambda value, path: None if value is None else inner.from_json(value, path),
        )
    if origin is tuple:
        return _items_codec(codec_of(arguments[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return Codec(dict, partial(_read_plain, (dict,), "an object"))
    return _record_codec(hint)


def _items_codec(item: Codec) -> Codec:
    def read(value: Any, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise RecordError(path, value, "an array")
        return tuple(item.from_json(each, f"{path}[{index}]") for index, each in enumerate(value))

    return Codec(lambda value: [item.to_json(each) for each in value], read)


def _record_codec(record: type) -> Codec:
    hints = get_type_hints(record, include_extras=True)
    names = record._fields if issubclass(record, tuple) else [field.name for field in dataclasses.fields(record)]  # type: ignore[attr-defined, arg-type]
    fields = {_camel(name): (name, codec_of(hints[name])) for name in names}

    def write(value: Any) -> Mapping[str, Any]:
        return {key: codec.to_json(getattr(value, name)) for key, (name, codec) in fields.items()}

    def read(value: Any, path: str) -> Any:
        if not isinstance(value, dict) or value.keys() != fields.keys():
            raise RecordError(path, value, f"an object with exactly {', '.join(fields)}")
        return record(*(codec.from_json(value[key], f"{path}.{key}") for key, (_, codec) in fields.items()))

    return Codec(write, read)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


def _same(value: Any) -> Any:
    return value


def _read_embedded(value: Any, path: str) -> str:
    try:
        return orjson.dumps(value).decode()
    except TypeError as error:
        raise RecordError(path, value, "JSON with integers of 64 bits") from error


def _read_plain(kinds: tuple[type, ...], expected: str, value: Any, path: str) -> Any:
    if type(value) not in kinds or (type(value) is int and value not in _INTEGERS):
        raise RecordError(path, value, expected)
    return value


_PLAIN: Mapping[Any, tuple[tuple[type, ...], str]] = {
    str: ((str,), "a string"),
    bool: ((bool,), "true or false"),
    int: ((int,), "an integer of 64 bits"),
    float: ((int, float), "a number"),
}
"""Type of a field to the JSON values that it takes, and to their description."""
