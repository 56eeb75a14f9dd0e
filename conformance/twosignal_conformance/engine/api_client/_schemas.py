"""What a value breaks of the contract's schemas, each of which is compiled once."""

from __future__ import annotations

from urllib.parse import quote

import jsonschema_rs
from twosignal_contract import Contract, UnknownNameError


class Schemas:
    """The schemas of one contract."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._validators: dict[str, jsonschema_rs.Draft202012Validator] = {}

    def flaws(self, schema: str, value: object) -> list[str]:
        """What a value breaks of a schema in /components/schemas, each as "place: problem"; empty when it is valid."""
        self._contract.schema(schema)
        return self._flaws(f"/components/schemas/{schema}", value)

    def response_flaws(self, operation_id: str, status: int, value: object) -> list[str]:
        """What a body breaks of the schema that the document gives an operation's response with this status."""
        media = self._contract.operation(operation_id).response(status).media_type
        if media is None:
            raise UnknownNameError(f"no body in the response {status} of {operation_id}")
        return [] if media.schema_pointer is None else self._flaws(media.schema_pointer, value)

    def _flaws(self, pointer: str, value: object) -> list[str]:
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
