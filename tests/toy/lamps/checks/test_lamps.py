"""Every clause of the contract. Each check is the whole of what it needs: requests, and what the judge is told."""

from __future__ import annotations

import csv

from twosignal_conformance.engine.api_client import ApiClient, Exchange, Key
from twosignal_conformance.engine.judgement import Judge, covers, watches


def switch(client: ApiClient, lamp: int, brightness: int = 50, colour: str = "white") -> Exchange:
    """Switch a lamp on."""
    headers = {"X-Brightness": str(brightness), "Cookie": f"colour={colour}"}
    return client.call("switchLamp", path_values={"lamp-id": str(lamp)}, headers=headers)


def judge_status(judge: Judge, clause: str, exchange: Exchange, status: int) -> None:
    """Judge the status of a response."""
    judge.check(
        clause, exchange.status == status, expected=f"status {status}", actual=exchange.status, evidence=exchange
    )


@covers("card.missing", "card.unknown")
def test_nobody_reads_the_table_without_a_card(client: ApiClient, judge: Judge) -> None:
    """The table, asked for without a key and with one that nobody was given."""
    for clause, key, cause in (
        ("card.missing", Key.NONE, "no-card"),
        ("card.unknown", Key.NEVER_ISSUED, "bad-card"),
    ):
        exchange = client.call("exportLamps", key=key)
        judge_status(judge, clause, exchange, client.contract.error(cause).status)


@watches("errors.problem")
def look(exchange: Exchange, judge: Judge) -> None:
    """Every error names its problem."""
    if exchange.status is not None and not exchange.ok:
        told = exchange.at("problem")
        judge.check("errors.problem", isinstance(told, str), expected="a text", actual=told, evidence=exchange)


@covers("lamps.switch.created", "lamps.switch.repeated", "lamps.switch.lamp", "lamps.switch.colour")
def test_a_lamp_is_switched_again_and_again(client: ApiClient, judge: Judge) -> None:
    """A lamp that was off before the run, then in each colour."""
    lamp = 1
    again, created = client.contract.operation("switchLamp").successes
    judge_status(judge, "lamps.switch.created", switch(client, lamp), created)
    for colour in client.contract.parameter("switchLamp", "colour").values:
        exchange = switch(client, lamp, colour=colour)
        judge_status(judge, "lamps.switch.repeated", exchange, again)
        for clause, member, wanted in (("lamps.switch.lamp", "id", lamp), ("lamps.switch.colour", "colour", colour)):
            seen = exchange.at(member)
            judge.check(clause, seen == wanted, expected=f"{member} {wanted}", actual=seen, evidence=exchange)


@covers("lamps.unknown.body")
def test_an_unknown_lamp_is_named(client: ApiClient, judge: Judge) -> None:
    """A lamp that no house has."""
    lamp = 1_000_000
    exchange = switch(client, lamp)
    row = client.contract.error("no-lamp")
    expected = row.body({"lamp": lamp})
    judge.require(exchange.status == row.status, f"the lamp was answered with {exchange.status}")
    holds = exchange.json == expected
    judge.check("lamps.unknown.body", holds, expected=str(expected), actual=exchange.text, evidence=exchange)


@covers("lamps.table.csv", "lamps.table.rows")
def test_the_table_has_a_row_for_each_lamp(client: ApiClient, judge: Judge) -> None:
    """Two lamps, then the table, in the media type that the contract states."""
    lamps = {1: 10, 2: 20}
    for lamp, brightness in lamps.items():
        exchange = switch(client, lamp, brightness)
        judge.require(exchange.ok, f"the lamp was answered with {exchange.status}")
    operation = client.contract.operation("exportLamps")
    table = client.call(operation.id)
    names = tuple(operation.response(operation.success).content)
    is_table = judge.check(
        "lamps.table.csv",
        table.media_type in names,
        expected=" or ".join(names),
        actual=table.media_type,
        evidence=table,
    )
    judge.require(is_table, "no table came")
    rows = {(row["id"], row["brightness"]) for row in csv.DictReader(table.text.splitlines())}
    wanted = {(str(lamp), str(brightness)) for lamp, brightness in lamps.items()}
    judge.check("lamps.table.rows", wanted <= rows, expected=f"{wanted}", actual=table.text, evidence=table)
