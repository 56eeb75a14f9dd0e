"""What a response shows of its contract: what it breaks of a schema, and which documented way the server speaks."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import jsonschema_rs
from twosignal_contract import Contract, Dialect, UnknownNameError, pick


class Schemas:
    """The schemas of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def flaws(self, schema: str, value: object) -> list[str]:
        """What a value breaks of a schema in /components/schemas, each as "place: problem"; empty when it is valid."""
        self._contract.schema(schema)
        return self.flaws_at(f"/components/schemas/{schema}", value)

    def response_flaws(self, operation_id: str, status: int, value: object) -> list[str]:
        """What a body breaks of the schema that the document gives an operation's response with this status."""
        media = self._contract.operation(operation_id).response(status).media_type
        if media is None:
            raise UnknownNameError(f"no body in the response {status} of {operation_id}")
        return [] if media.schema_pointer is None else self.flaws_at(media.schema_pointer, value)

    def flaws_at(self, pointer: str, value: object) -> list[str]:
        """The same of a schema wherever it stands in the document."""
        validator = self._validators.get(pointer)
        if validator is None:
            document = self._contract.document
            schema = {"$ref": f"#{quote(pointer)}", "components": document["components"], "paths": document["paths"]}
            validator = self._validators[pointer] = jsonschema_rs.Draft202012Validator(schema)
        found = []
        for error in validator.iter_errors(value):
            place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.instance_path)
            found.append(f"{place.lstrip('.') or 'body'}: {error.message}")
        return found


class Dialects:
    """The dialects that the server was seen to speak."""

    def __init__(self, known: Mapping[str, Dialect]) -> None:
        self._known = known
        self._seen: dict[str, dict[str, int]] = {}

    def note(self, name: str, value: str) -> None:
        """Record that the server spoke this value of a dialect; UnknownNameError when the contract does not list it."""
        pick(pick(self._known, name, "dialect").values, value, f"value of the dialect {name}")
        counts = self._seen.setdefault(name, {})
        counts[value] = counts.get(value, 0) + 1

    @property
    def seen(self) -> Mapping[str, str]:
        """Name to value; several values of one dialect are joined, the most frequent one first."""
        return {
            name: ", ".join(sorted(counts, key=lambda value: -counts[value]))
            for name, counts in sorted(self._seen.items())
        }
