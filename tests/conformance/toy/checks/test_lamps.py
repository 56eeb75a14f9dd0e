"""Lamps: a parameter in the path, in a header and in a cookie, a key in the query, and a table that is no JSON."""

from __future__ import annotations

from twosignal_conformance.engine.api_client import ApiClient, Exchange, Key
from twosignal_conformance.engine.judgement import Judge, covers, watches

BRIGHTNESS = 70


@covers("lamps.switch.status", "lamps.switch.lamp", "lamps.switch.colour")
def test_a_lamp_is_switched(client: ApiClient, judge: Judge, data: list[int]) -> None:
    """One lamp, in another colour than the usual one."""
    operation = client.contract.operation("switchLamp")
    _, colour = operation.parameter("colour").values
    headers = {operation.parameter("X-Brightness").name: str(BRIGHTNESS), "Cookie": f"colour={colour}"}
    exchange = client.call(operation.id, path_values={"lamp-id": str(data[0])}, headers=headers)
    judge.check(
        "lamps.switch.status",
        exchange.status in operation.successes,
        expected=f"one of {operation.successes}",
        actual=exchange.status,
        evidence=exchange,
    )
    judge.require(exchange.ok, f"the lamp was answered with {exchange.status}")
    for clause, member, wanted in (("lamps.switch.lamp", "id", data[0]), ("lamps.switch.colour", "colour", colour)):
        seen = exchange.at(member)
        judge.check(clause, seen == wanted, expected=f"{member} {wanted}", actual=seen, evidence=exchange)


@covers("lamps.export.table")
def test_the_lamps_are_a_table(client: ApiClient, judge: Judge) -> None:
    """The media type that the contract states."""
    operation = client.contract.operation("exportLamps")
    media = operation.response(operation.success).media_type
    exchange = client.call(operation.id)
    wanted = media.name if media else ""
    judge.check(
        "lamps.export.table",
        exchange.media_type == wanted,
        expected=wanted,
        actual=exchange.media_type,
        evidence=exchange,
    )


@covers("lamps.card.refused")
def test_an_unknown_card_is_refused(client: ApiClient, judge: Judge) -> None:
    """A card that nobody was given."""
    exchange = client.call("exportLamps", key=Key.NEVER_ISSUED)
    wanted = client.contract.error("bad-card").status
    judge.check(
        "lamps.card.refused",
        exchange.status == wanted,
        expected=f"status {wanted}",
        actual=exchange.status,
        evidence=exchange,
    )


@watches("lamps.errors.problem")
def look(exchange: Exchange, judge: Judge) -> None:
    """Every error names its problem."""
    if exchange.status is not None and not exchange.ok:
        told = exchange.at("problem")
        judge.check("lamps.errors.problem", isinstance(told, str), expected="a text", actual=told, evidence=exchange)
