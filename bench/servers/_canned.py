"""What peers without a contract are given: the answers that the contract documents, in the form that each reads.

WireMock knows no OpenAPI. Mockoon imports a document but keeps nothing of it for checking, and does not fill the
headers of ours; an environment of its own, as its users make one, is the faster and the fairer form. Specmatic reads
the document and takes an example for the page, since it would make up one of another length each time.
"""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

from twosignal_contract import Operation

from bench._contract import BenchContract

_HEADERS = {"Content-Type": "application/json"}


def write_wiremock(contract: BenchContract, folder: Path, traces: int) -> Path:
    """A root directory for WireMock: a mapping for each answer."""
    mappings = [
        {
            "request": {"method": place.method, "urlPath": place.path},
            "response": {"status": place.success, "headers": _HEADERS, "body": json.dumps(answer)},
        }
        for place, answer in contract.ready_answers(traces)
    ]
    _write(folder / "mappings" / "all.json", {"mappings": mappings})
    return folder


def write_specmatic(contract: BenchContract, folder: Path, limit: int) -> Path:
    """A directory of examples for Specmatic: the list, as it is asked for."""
    place, page = contract.operations["listTraces"], contract.page(limit)
    request = {"method": place.method, "path": place.path, "query": {"limit": str(limit)}}
    response = {"status": place.success, "headers": _HEADERS, "body": page}
    _write(folder / "list.json", {"http-request": request, "http-response": response})
    return folder


def write_mockoon(contract: BenchContract, folder: Path, traces: int) -> Path:
    """A data file of Mockoon: a route for each answer."""
    routes = [_route(place, answer) for place, answer in contract.ready_answers(traces)]
    environment = {
        "uuid": str(uuid.uuid4()), "lastMigration": 33, "name": "2Signal", "endpointPrefix": "", "latency": 0,
        "port": 3000,        "hostname": "", "folders": [], "routes": routes,
        "rootChildren": [{"type": "route", "uuid": route["uuid"]} for route in routes],
        "proxyMode": False, "proxyHost": "", "proxyRemovePrefix": False, "cors": True,
        "tlsOptions": {"enabled": False, "type": "CERT"},
        "headers": [], "proxyReqHeaders": [], "proxyResHeaders": [], "data": [], "callbacks": [],
    }  # fmt: skip
    _write(folder / "environment.json", environment)
    return folder / "environment.json"


def _route(place: Operation, answer: Any) -> dict[str, Any]:
    response = {
        "uuid": str(uuid.uuid4()), "body": json.dumps(answer), "latency": 0, "statusCode": place.success, "label": "",
        "headers": [{"key": key, "value": value} for key, value in _HEADERS.items()], "bodyType": "INLINE",
        "filePath": "", "databucketID": "", "sendFileAsBody": False, "rules": [], "rulesOperator": "OR",
        "disableTemplating": True, "fallbackTo404": False, "default": True, "crudKey": "id", "callbacks": [],
    }  # fmt: skip
    return {
        "uuid": str(uuid.uuid4()), "type": "http", "documentation": "", "method": place.method.lower(),
        "endpoint": place.path.lstrip("/"), "responses": [response], "responseMode": None,
        "streamingMode": None, "streamingInterval": 0,
    }  # fmt: skip


def _write(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")
