"""What the reader makes of a good document: its clauses, its operations, the numbers in it, and nothing of its own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from twosignal_contract import UnknownNameError, documents, load_contract

from tests.contract.documents import DOCUMENT, Tree, fresh_tree, operation_with, reload, write

CONTRACT = load_contract()


def test_without_a_path_our_own_document_is_loaded() -> None:
    assert CONTRACT.path == DOCUMENT
    assert CONTRACT.sha256 == hashlib.sha256(DOCUMENT.read_bytes()).hexdigest()
    assert CONTRACT.document == fresh_tree()
    assert CONTRACT.version == CONTRACT.document["info"]["version"]
    assert documents()[0] == DOCUMENT


def test_every_document_of_ours_describes_an_api_of_its_own() -> None:
    names = [load_contract(path).api.name for path in documents()]
    assert len(set(names)) == len(names)


def test_every_clause_has_a_level_and_known_sources() -> None:
    assert len(CONTRACT.clauses) >= 120  # issue 2 asks for that many
    for name, clause in CONTRACT.clauses.items():
        assert name == clause.id
        assert clause.level in {"must", "should", "may"}
        assert clause.sources
        assert CONTRACT.sources.keys() >= set(clause.sources)


def test_each_clause_knows_its_line() -> None:
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    for clause in CONTRACT.clauses.values():
        assert clause.id in lines[clause.line - 1]


def test_a_clause_stands_on_one_line_however_it_is_folded(tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["x-clauses"][0] |= {"says": "First half,\n  second half.", "untestable": "Nobody\nsees it."}
    clause = reload(tree, tmp_path).clause(tree["x-clauses"][0]["id"])
    assert (clause.says, clause.untestable) == ("First half, second half.", "Nobody sees it.")


def test_every_operation_is_as_the_document_says() -> None:
    written = {
        operation["operationId"]: (path, method, operation)
        for path, item in fresh_tree()["paths"].items()
        for method, operation in item.items()
        if method != "parameters"
    }
    assert list(CONTRACT.operations) == list(written)
    lines = DOCUMENT.read_text(encoding="utf-8").splitlines()
    for name, row in CONTRACT.operations.items():
        path, method, operation = written[name]
        assert (row.id, row.path, row.method, row.value) == (name, path, method.upper(), operation)
        assert lines[row.line - 1].strip() == f"{method}:"
        assert row.rate_limited == ("x-rate-limit" not in operation)
        assert (row.payload_limit is None) == ("x-payload-limit" not in operation)
        assert list(row.responses) == list(operation["responses"])
        assert (row.request_body is None) == ("requestBody" not in operation)
        assert len(row.parameters) == len(operation.get("parameters", ()))


def test_references_are_resolved() -> None:
    for row in CONTRACT.operations.values():
        for response in row.responses.values():
            media = response.media_type
            assert media is not None
            assert "$ref" not in media.schema
            assert media.schema == CONTRACT.resolve(CONTRACT.at(str(media.schema_pointer)))
            assert media.examples


def test_a_contract_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        CONTRACT.version = "2"  # type: ignore[misc]
    for table in (CONTRACT.clauses, CONTRACT.operations, CONTRACT.errors, CONTRACT.lines, CONTRACT.extensions):
        with pytest.raises(TypeError):
            table["another"] = None  # type: ignore[index]


def test_another_payload_limit_is_reported(tmp_path: Path) -> None:
    tree = fresh_tree()
    _, operation = operation_with(tree, "x-payload-limit")
    operation["x-payload-limit"]["bytes"] -= 1
    name = operation["operationId"]
    assert reload(tree, tmp_path).payload_limits[name].bytes == CONTRACT.payload_limits[name].bytes - 1


def test_another_rate_is_reported(tmp_path: Path) -> None:
    tree = fresh_tree()
    plan = next(iter(tree["x-plans"]))
    tree["x-plans"][plan] += 1
    assert reload(tree, tmp_path).plans[plan] == CONTRACT.plans[plan] + 1


def test_another_delay_before_a_retry_is_reported(tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["x-retry"]["backoff"]["delays"][-1] += 0.5
    before, after = CONTRACT.retry.delays, reload(tree, tmp_path).retry.delays
    assert after == (*before[:-1], before[-1] + 0.5)


def test_what_a_clause_leaves_out_comes_from_the_extension_schema(tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["x-clauses"][0].pop("about", None)
    assert reload(tree, tmp_path).clauses[tree["x-clauses"][0]["id"]].about == "server"


def test_what_only_the_api_reads_is_handed_on_untouched() -> None:
    document = fresh_tree()
    own = {keyword: value for keyword, value in document.items() if keyword.startswith("x-rest-")}
    assert own
    assert CONTRACT.extensions == own
    assert CONTRACT.extension_definitions.keys() >= {"root"}


def test_a_document_may_bring_the_schema_of_its_own_extensions(tmp_path: Path) -> None:
    (tmp_path / "toy.json").write_text(
        '{"$defs": {"root": {"properties": {"x-toy-colour": {"type": "string"}}},'
        ' "operation": {"properties": {"x-toy-shade": {"type": "integer"}}}}}',
        encoding="utf-8",
    )
    tree = bare_tree()
    tree["x-api"] |= {"name": "toy", "extensions": "toy.json"}
    tree["x-toy-colour"] = "red"
    tree["paths"]["/a"]["get"]["x-toy-shade"] = 3
    contract = reload(tree, tmp_path)
    assert contract.extension("x-toy-colour") == "red"
    assert contract.operation("a").extensions == {"x-toy-shade": 3}


# Whatever is not stated is not there: no plan, no limit, nothing asked of clients.
def test_a_document_without_the_optional_extensions_is_a_contract(tmp_path: Path) -> None:
    contract = reload(bare_tree(), tmp_path)
    assert [*contract.plans, *contract.dialects, *contract.questions, *contract.sources, *contract.clauses] == []
    assert contract.retry.most == 0
    assert not contract.retry.wait_statuses
    assert not contract.operation("a").rate_limited
    assert contract.payload_limits == {}
    assert contract.extensions == {}
    assert contract.errors["internal"].body({}) == "Sorry"
    assert (contract.errors["internal"].code, contract.errors["internal"].message) == ("", "")


@pytest.mark.parametrize("keyword", ["x-dialects", "x-questions", "x-retry"])
def test_each_extension_may_be_missing_by_itself(keyword: str, tmp_path: Path) -> None:
    tree = fresh_tree()
    if keyword == "x-dialects":
        names = {row["name"] for row in tree["x-dialects"]}
        tree["x-questions"] = [row for row in tree["x-questions"] if not names.intersection(row.get("settled-by", ()))]
    del tree[keyword]
    assert reload(tree, tmp_path).clauses.keys() == CONTRACT.clauses.keys()


def test_without_plans_no_operation_is_limited(tmp_path: Path) -> None:
    tree = fresh_tree()
    del tree["x-plans"], tree["x-rate-limit"]
    assert not any(row.rate_limited for row in reload(tree, tmp_path).operations.values())


@pytest.mark.parametrize(
    ("question", "names", "message"),
    [
        ("operation", ["listTrace"], "no operation 'listTrace'; did you mean listTraces?"),
        ("parameter", ["listTraces", "limits"], "no parameter of listTraces 'limits'; did you mean limit?"),
        ("schema", ["SpanTypes"], "no schema 'SpanTypes'; did you mean SpanType?"),
        ("enum", ["SpanTypes"], "no schema 'SpanTypes'; did you mean SpanType?"),
        ("error", ["rate-limits"], "no error cause 'rate-limits'; did you mean rate-limit?"),
        ("clause", ["auth.key.bearr"], "no clause 'auth.key.bearr'; did you mean auth.key.bearer?"),
        ("dialect", ["identifier"], "no dialect 'identifier'; did you mean identifiers?"),
        ("extension", ["x-rest-token"], "no extension of the root 'x-rest-token'; did you mean x-rest-tokens?"),
        ("operation", ["qqqqqqq"], "no operation 'qqqqqqq'"),
    ],
)
def test_a_failed_look_up_names_what_was_meant(question: str, names: list[str], message: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        getattr(CONTRACT, question)(*names)
    assert str(caught.value) == message


def test_an_operation_is_found_by_method_and_path() -> None:
    for row in CONTRACT.operations.values():
        assert CONTRACT.operation_at(row.method.lower(), row.path) is row
    assert CONTRACT.operation_at("GET", "/nowhere") is None


def test_a_literal_path_goes_before_a_parameter(tmp_path: Path) -> None:
    contract = reload(tree_with_parameters(), tmp_path)
    found = [contract.operation_at("GET", path) for path in ("/a/b", "/a/it", "/a/x/y", "/a/")]
    assert [row and row.id for row in found] == ["one", "literal", None, None]


def test_parameters_come_from_their_own_words(tmp_path: Path) -> None:
    operation = reload(tree_with_parameters(), tmp_path).operation("one")
    assert [(row.name, row.where, row.required) for row in operation.parameters] == [
        ("id", "path", True),
        ("day", "query", True),
        ("X-Tenant", "header", True),
        ("session", "cookie", False),
    ]
    assert operation.parameter("day").media_type == "application/json"
    assert operation.parameter("day").schema == {"type": "object"}
    assert operation.parameter("id", "path").schema == {"type": "integer"}


def test_alternatives_of_security_are_resolved(tmp_path: Path) -> None:
    contract = reload(tree_with_parameters(), tmp_path)
    key, cookie = contract.security_schemes["key"], contract.security_schemes["cookie"]
    assert (key.type, key.scheme) == ("http", "bearer")
    assert (cookie.type, cookie.where, cookie.parameter) == ("apiKey", "cookie", "sid")
    assert contract.operation("one").security == ((key,), (cookie,))
    assert contract.operation("one").keyed
    assert not contract.operation("one").is_open
    assert contract.operation("literal").is_open
    assert not contract.operation("literal").keyed


def test_several_success_statuses_and_bodies_that_are_not_json(tmp_path: Path) -> None:
    operation = reload(tree_with_parameters(), tmp_path).operation("one")
    assert operation.successes == (200, 204)
    assert list(operation.response(200).content) == ["text/csv"]
    assert operation.response(200).example() == "a,b"
    assert operation.response(204).media_type is None
    assert operation.response(404).status == "4XX"
    assert operation.response(500).status == "default"


def test_scalars_are_those_of_json(tmp_path: Path) -> None:
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
        assert load_contract(tmp_path / "openapi.yaml").document["info"]["summary"] == written


def test_names_that_look_like_extensions_are_only_names(tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["components"]["schemas"]["x-odd"] = {
        "type": "object",
        "properties": {"x-anything": {"type": "string"}},
        "default": {"x-a": 1},
        "examples": [{"x-b": 2, "$ref": "#/nowhere"}],
        "enum": [{"x-c": 3}],
        "const": {"x-d": 4},
    }
    assert "x-odd" in reload(tree, tmp_path).schemas


def test_references_are_decoded(tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["components"]["schemas"]["Odd"] = {"$defs": {"a/b~c d": {"type": "string"}}}
    tree["components"]["schemas"]["Odder"] = {"$ref": "#/components/schemas/Odd/$defs/a~1b~0c%20d"}
    assert reload(tree, tmp_path).schema("Odder") == {"type": "string"}


def test_an_alias_is_what_it_stands_for(tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["components"]["schemas"]["Odd"] = {"properties": {"first": "ANCHOR", "second": "ALIAS"}}
    text = write(tree, tmp_path / "openapi.yaml")
    text = text.replace("first: ANCHOR", "first: &shape {type: string}").replace("second: ALIAS", "second: *shape")
    (tmp_path / "openapi.yaml").write_text(text, encoding="utf-8")
    contract = load_contract(tmp_path / "openapi.yaml")
    odd = contract.schema("Odd")["properties"]
    assert odd["first"] == odd["second"] == {"type": "string"}
    places = [f"/components/schemas/Odd/properties/{name}/type" for name in ("first", "second")]
    assert contract.lines[places[0]] == contract.lines[places[1]]


def bare_tree() -> Tree:
    """A document with nothing but what it must have."""
    return {
        "openapi": "3.1.1",
        "info": {"title": "Toy", "version": "1"},
        "paths": {"/a": {"get": {"operationId": "a", "responses": {"200": {"description": "Fine."}}}}},
        "x-api": {"name": "toy", "title": "Toy"},
        "x-errors": {"internal": {"status": 500, "body": "Sorry"}},
    }


def tree_with_parameters() -> Tree:
    """Parameters in every place, two security schemes, a CSV, several success statuses."""
    tree = bare_tree()
    tree["security"] = [{"key": []}, {"cookie": []}]
    tree["components"] = {
        "parameters": {"Tenant": {"name": "X-Tenant", "in": "header", "required": True, "schema": {"type": "string"}}},
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer"},
            "cookie": {"type": "apiKey", "in": "cookie", "name": "sid"},
        },
    }
    day = {
        "name": "day",
        "in": "query",
        "required": True,
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
    responses = {
        "200": {"description": "A table.", "content": {"text/csv": {"schema": {"type": "string"}, "example": "a,b"}}},
        "204": {"description": "No table."},
        "4XX": {"description": "Wrong."},
        "default": {"description": "Broken."},
    }
    tree["paths"] = {
        "/a/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                {"name": "day", "in": "query", "schema": {"type": "string"}},
            ],
            "get": {
                "operationId": "one",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                    day,
                    {"$ref": "#/components/parameters/Tenant"},
                    {"name": "session", "in": "cookie", "schema": {"type": "string"}},
                ],
                "responses": responses,
            },
        },
        "/a/it": {"get": {"operationId": "literal", "security": [], "responses": responses}},
    }
    return tree
