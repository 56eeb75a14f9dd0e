"""A contract beside the first one: the same generators give each client a subpackage for it, with no edit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.runners import CLIENTS, copy_client, require

pytestmark = pytest.mark.timeout(600)

TOY = """\
openapi: 3.1.0
info: {title: Toy, version: 2.0.0}
x-api: {name: toy, title: Toy}
x-errors:
  sold-out: {status: 409, body: {problem: Sold out}}
servers: [{url: "http://127.0.0.1:4000"}]
paths:
  /shops/{shop}/orders:
    parameters:
      - {name: shop, in: path, required: true, schema: {type: string}}
    get:
      operationId: exportOrders
      tags: [Orders]
      summary: Export orders
      parameters:
        - {name: X-Tenant, in: header, required: true, schema: {type: string}}
        - {name: visitor, in: cookie, schema: {type: string}}
        - {name: since, in: query, schema: {type: integer, minimum: 0, maximum: 9}}
      responses:
        "200": {description: A table., content: {text/csv: {schema: {type: string}}}}
    post:
      operationId: placeOrder
      tags: [Orders]
      summary: Place an order
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}
      responses:
        "201": {description: Placed., content: {application/json: {schema: {$ref: "#/components/schemas/Order"}}}}
components:
  schemas:
    Order:
      type: object
      required: [id]
      properties:
        id: {type: string}
        amount: {type: integer}
"""
CONTRACTS = {"toy": TOY, "appsignal": ""}
"""Documents by the name of the subpackage; one without a text is in contracts/."""
USE = """
import json
from twosignal_client.toy.generated import models, operations, policy
orders = operations.export_orders
sent = orders.request(shop="a/b", x_tenant="t", visitor="v", since=3)
placed = operations.place_order.request(shop="c", body=models.Order("o", **operations.place_order.Options(amount=5)))
print(json.dumps([sent, placed, orders.read("id,amount"), policy.OPERATIONS[orders.METHOD, orders.PATH].bounds]))
"""


def generate(contract: str, language: str, folder: Path) -> Path:
    """A copy of a client, with a subpackage for another contract."""
    document = CLIENTS.parent / "contracts" / f"{contract}.openapi.yaml"
    if CONTRACTS[contract]:
        document = folder / "document.yaml"
        document.write_text(CONTRACTS[contract], encoding="utf-8")
    client = copy_client(language, folder)
    command = [sys.executable, str(CLIENTS / "generate.py"), "--contract", str(document)]
    command += ["--package", contract, "--output", str(folder), language]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    if language == "python":
        (client / "twosignal_client" / contract / "__init__.py").write_text("", encoding="utf-8")
    return client


@pytest.mark.parametrize(
    "language",
    [pytest.param(each, marks=pytest.mark.xdist_group(f"clients-{each}")) for each in ("python", "typescript", "go")],
)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_the_core_for_another_contract_passes_the_checks_beside_our_own(
    contract: str, language: str, tmp_path: Path
) -> None:
    require(language)
    client = generate(contract, language, tmp_path)
    assert list(client.glob(f"**/{contract}/generated"))
    command = [sys.executable, str(CLIENTS / "check.py"), "--clients", str(tmp_path), language]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_parameters_go_where_the_document_says(tmp_path: Path) -> None:
    client = generate("toy", "python", tmp_path)
    done = subprocess.run([sys.executable, "-c", USE], cwd=client, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [
        {
            "path": "/shops/a%2Fb/orders",
            "params": {"since": 3},
            "headers": {"X-Tenant": "t"},
            "cookies": {"visitor": "v"},
        },
        {"path": "/shops/c/orders", "json": {"id": "o", "amount": 5}},
        "id,amount",
        {"since": [0, 9, True]},
    ]
