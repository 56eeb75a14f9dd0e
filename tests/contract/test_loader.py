"""What both loaders make of a good document: the same clauses, the numbers that are in it, and nothing of their own."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
import twosignal_conformance.contract
import twosignal_mock.contract

from tests.contract.documents import DOCUMENT, Loader, both_loaders, fresh_tree, operation_with, write


@both_loaders
def test_without_a_path_our_own_document_is_loaded(loader: Loader) -> None:
    contract = loader.load(None)
    content = DOCUMENT.read_bytes()
    assert contract.path == DOCUMENT
    assert contract.sha256 == hashlib.sha256(content).hexdigest()
    assert contract.document == fresh_tree()
    assert contract.version == contract.document["info"]["version"]


def test_both_read_the_same_register() -> None:
    ours = twosignal_mock.contract.load_contract().clauses
    theirs = twosignal_conformance.contract.load_contract().clauses
    names = ("id", "about", "level", "sources", "says", "untestable", "pointer", "operation_id")
    assert [[getattr(clause, name) for name in names] for clause in ours.values()] == [
        [getattr(clause, name) for name in names] for clause in theirs.values()
    ]


@both_loaders
def test_every_clause_has_a_level_and_known_sources(loader: Loader) -> None:
    contract = loader.load(None)
    assert len(contract.clauses) >= 120  # issue 2 asks for that many
    for name, clause in contract.clauses.items():
        assert name == clause.id
        assert clause.level in {"must", "should", "may"}
        assert clause.sources
        assert contract.sources.keys() >= set(clause.sources)


def test_the_judge_knows_the_line_of_each_clause() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    for clause in twosignal_conformance.contract.load_contract().clauses.values():
        assert clause.id in lines[clause.line - 1]


def test_the_mock_knows_every_operation() -> None:
    outlines = twosignal_mock.contract.load_contract().operations
    for outline in outlines:
        operation = fresh_tree()["paths"][outline.path][outline.method]
        assert outline.operation_id == operation["operationId"]
        assert outline.rate_limited == ("x-rate-limit" not in operation)
        assert (outline.payload_limit is None) == ("x-payload-limit" not in operation)
    assert len(outlines) == sum(len(item.keys() - {"parameters"}) for item in fresh_tree()["paths"].values())


@both_loaders
def test_a_contract_cannot_be_changed(loader: Loader) -> None:
    contract = loader.load(None)
    with pytest.raises(AttributeError):
        contract.version = "2"
    with pytest.raises(TypeError):
        contract.clauses["another"] = None


@both_loaders
def test_another_payload_limit_is_reported(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    _, operation = operation_with(tree, "x-payload-limit")
    operation["x-payload-limit"]["bytes"] -= 1
    assert payload_limit(reload(loader, tree, tmp_path), operation["operationId"]).bytes == (
        payload_limit(loader.load(None), operation["operationId"]).bytes - 1
    )


@both_loaders
def test_another_rate_is_reported(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    plan = next(iter(tree["x-plans"]))
    tree["x-plans"][plan] += 1
    assert reload(loader, tree, tmp_path).plans[plan] == loader.load(None).plans[plan] + 1


@both_loaders
def test_another_delay_before_a_retry_is_reported(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["x-retry"]["backoff"]["delays"][-1] += 0.5
    before, after = loader.load(None).retry.delays, reload(loader, tree, tmp_path).retry.delays
    assert after == (*before[:-1], before[-1] + 0.5)


@both_loaders
def test_what_a_clause_leaves_out_comes_from_the_extension_schema(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["x-clauses"][0].pop("about", None)
    assert reload(loader, tree, tmp_path).clauses[tree["x-clauses"][0]["id"]].about == "server"


@both_loaders
def test_scalars_are_those_of_json(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["info"]["summary"] = "PLACEHOLDER"
    text = write(tree, tmp_path / "openapi.yaml")
    for written in (
        "2026-11-21T10:00:00Z",
        "2026-11-21",
        "yes",
        "on",
        "0777",
        "1_000",
        "12:30:45",
        "0x1F",
        ".nan",
        "True",
    ):
        (tmp_path / "openapi.yaml").write_text(text.replace("PLACEHOLDER", written), encoding="utf-8")
        assert loader.load(tmp_path / "openapi.yaml").document["info"]["summary"] == written


@both_loaders
def test_names_that_look_like_extensions_are_only_names(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["components"]["schemas"]["x-odd"] = {
        "type": "object",
        "properties": {"x-anything": {"type": "string"}},
        "default": {"x-a": 1},
        "examples": [{"x-b": 2, "$ref": "#/nowhere"}],
        "enum": [{"x-c": 3}],
        "const": {"x-d": 4},
    }
    assert "x-odd" in reload(loader, tree, tmp_path).document["components"]["schemas"]


@both_loaders
def test_references_are_decoded(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["components"]["schemas"]["Odd"] = {"$defs": {"a/b~c d": {"type": "string"}}}
    tree["components"]["schemas"]["Odder"] = {"$ref": "#/components/schemas/Odd/$defs/a~1b~0c%20d"}
    assert reload(loader, tree, tmp_path)


@both_loaders
def test_an_alias_is_what_it_stands_for(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["components"]["schemas"]["Odd"] = {"properties": {"first": "ANCHOR", "second": "ALIAS"}}
    text = write(tree, tmp_path / "openapi.yaml")
    text = text.replace("first: ANCHOR", "first: &shape {type: string}").replace("second: ALIAS", "second: *shape")
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    odd = loader.load(tmp_path / "openapi.yaml").document["components"]["schemas"]["Odd"]["properties"]
    assert odd["first"] == odd["second"] == {"type": "string"}


def reload(loader: Loader, tree: dict[str, Any], folder: Path) -> Any:
    """What the loader makes of a changed tree."""
    write(tree, folder / "openapi.yaml")
    return loader.load(folder / "openapi.yaml")


def payload_limit(contract: Any, operation_id: str) -> Any:
    """The limit of an operation, which the two contracts keep in different places."""
    if isinstance(contract, twosignal_conformance.contract.Contract):
        return contract.payload_limits[operation_id]
    return next(outline.payload_limit for outline in contract.operations if outline.operation_id == operation_id)
