"""The API of the toy contract: a house of three lamps, which only tests serve."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from twosignal_contract import Contract
from twosignal_mock.engine.api import Api, ApiError, Call, Dependencies, Handler, KeyScheme, Success, TokenScheme

DOCUMENT = Path(__file__).with_name("openapi.yaml")
LAMPS = 3


def _handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    del contract, dependencies
    house: dict[tuple[str, int], tuple[int, str]] = {}

    def switch(call: Call, _transaction: Any) -> object:
        lamp = call.parameters["lamp-id"]
        if lamp > LAMPS:
            raise ApiError("no-lamp", lamp=lamp)
        status = 200 if (call.project.id, lamp) in house else 201
        brightness, colour = house[call.project.id, lamp] = call.parameters["X-Brightness"], call.parameters["colour"]
        return Success({"id": lamp, "brightness": brightness, "colour": colour}, status)

    def export(call: Call, _transaction: Any) -> object:
        rows = ((lamp, brightness) for (owner, lamp), (brightness, _) in house.items() if owner == call.project.id)
        return [("id", "brightness"), *rows]

    yield Handler("switchLamp", switch, ("lamp-id", "X-Brightness", "colour"), writes=True)
    yield Handler("exportLamps", export)


def _schemes(_contract: Contract) -> Mapping[str, KeyScheme | TokenScheme]:
    key = KeyScheme(missing="no-card", unknown="bad-card", revoked="bad-card")
    return {"card": key, "guest": key, "visit": TokenScheme(lambda token: None)}


TOY = Api("lamps", _handlers, schemes=_schemes)
