"""What the mock's engine is handed: handlers, and who may call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from twosignal_contract import Contract
from twosignal_mock.engine.api import (
    Api,
    ApiError,
    Call,
    Dependencies,
    Handler,
    KeyScheme,
    SampleRequest,
    SampleWork,
    Success,
    TokenScheme,
    WorkCall,
    Worker,
)
from twosignal_mock.engine.store import Transaction

from .store import TABLES, Lamp

COUNT = 3
"""Lamps of the house."""


def switch(call: Call, transaction: Transaction) -> Success:
    """Switches a lamp on; the status says whether it was on already."""
    lamp = Lamp(call.parameters["lamp-id"], call.parameters["X-Brightness"], call.parameters["colour"])
    if lamp.id > COUNT:
        raise ApiError("no-lamp", lamp=lamp.id)
    lamps = transaction.of(TABLES)
    created = lamps.find(lamp.id) is None
    lamps.put(lamp)
    return Success(lamp._asdict(), 201 if created else 200)


def export(_call: Call, transaction: Transaction) -> Success:
    """A table: its head, and a row for each lamp that is on; and the name of the file that it is kept in."""
    rows = [("id", "brightness"), *((lamp.id, lamp.brightness) for lamp in transaction.of(TABLES).all())]
    return Success(rows, headers=(("Content-Disposition", 'attachment; filename="lamps é\r\n.csv"'),))


def handlers(_contract: Contract, _dependencies: Dependencies) -> Iterator[Handler]:
    """One for each operation."""
    yield Handler("switchLamp", switch, ("lamp-id", "X-Brightness", "colour"), writes=True)
    yield Handler("exportLamps", export)


def schemes(_contract: Contract) -> Mapping[str, KeyScheme | TokenScheme]:
    """A card, or a visit with the card of the host."""
    key = KeyScheme(missing="no-card", unknown="bad-card", revoked="bad-card")
    return {"card": key, "guest": key, "visit": TokenScheme(lambda token: None)}


def sample(_contract: Contract, count: int, _seed: str, now: int) -> Iterator[Sequence[SampleRequest | SampleWork]]:
    """Lamps that are on: the house is not empty then."""
    del now  # a lamp does not know how long it has been on
    lamps = [Lamp(number, 50, "white") for number in range(1, min(count, COUNT) + 1)]
    yield [partial(_switch_on, lamps)]


def _switch_on(lamps: Sequence[Lamp], transaction: Transaction) -> None:
    for lamp in lamps:
        transaction.of(TABLES).put(lamp)


NIGHT = 4_102_444_800_000
"""Milliseconds since 1970: 2100-01-01T00:00:00Z."""
GLARING, DIMMED = 100, 50
BROKEN = 13
"""Brightness of a lamp that nobody can dim."""


async def dim(call: WorkCall) -> int | None:
    """Dims glaring lamps at night."""
    if call.now < NIGHT:
        return NIGHT

    def work(transaction: Transaction) -> None:
        lamps = transaction.of(TABLES)
        for lamp in lamps.all():
            if lamp.brightness == BROKEN:
                raise RuntimeError("the dimmer is stuck")
            if lamp.brightness == GLARING:
                lamps.put(lamp._replace(brightness=DIMMED))

    await call.write(work)
    return None


def workers(_contract: Contract, _dependencies: Dependencies) -> Iterator[Worker]:
    """What happens without a request."""
    yield Worker("dimmer", dim)


LAMPS = Api("lamps", handlers, schemes=schemes, tables=TABLES, sample=sample, workers=workers)
"""An entry point of the group twosignal_mock.apis names it."""
