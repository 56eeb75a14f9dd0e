"""What both loaders refuse, in the same words: one line for each problem, with file, line, pointer and what to do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.documents import (
    Loader,
    Tree,
    both_loaders,
    fresh_tree,
    line_of,
    links,
    operation_with,
    operations,
    pointer_to,
    schema,
    write,
)

Refusal = tuple[str, str]
"""Pointer and message."""

Spoil = Callable[[Tree], Refusal]


def unknown_extension_of_the_root(tree: Tree) -> Refusal:
    tree["x-colour"] = "red"
    known = ", ".join(sorted(keyword for keyword in tree if keyword.startswith("x-") and keyword != "x-colour"))
    return "/x-colour", f"'x-colour' is no extension of this contract; expected one of {known}; remove it"


def misspelt_extension_of_an_operation(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "x-payload-limit")
    operation["x-payload-limits"] = operation.pop("x-payload-limit")
    return f"{pointer}/x-payload-limits", (
        "'x-payload-limits' is no extension of this contract; "
        "expected one of x-clauses, x-payload-limit, x-rate-limit; write 'x-payload-limit'"
    )


def unknown_extension_of_a_schema(tree: Tree) -> Refusal:
    pointer, found = schema(tree)
    found["x-colour"] = "red"
    return f"{pointer}/x-colour", (
        "'x-colour' is no extension of this contract; expected one of x-aliases, x-clauses; remove it"
    )


def unknown_extension_elsewhere(tree: Tree) -> Refusal:
    tree["info"]["x-logo"] = "logo.png"
    return "/info/x-logo", "'x-logo' is no extension of this contract; expected no extension in the info; remove it"


def known_extension_in_a_wrong_place(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "operationId")
    operation["x-plans"] = tree["x-plans"]
    return f"{pointer}/x-plans", "'x-plans' stands in an operation; expected it in the root only; move it there"


def extension_among_the_paths(tree: Tree) -> Refusal:
    tree["paths"]["x-clauses"] = tree["x-clauses"]
    return "/paths/x-clauses", (
        "'x-clauses' stands in the paths; expected it in the root or an operation or a schema only; move it there"
    )


def misspelt_keyword_of_openapi(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "responses")
    operation["sumary"] = "typing error"
    return f"{pointer}/sumary", (
        "'sumary' is no keyword of an operation that the kit handles; expected one of deprecated, description, "
        "externalDocs, operationId, parameters, requestBody, responses, security, servers, summary, tags; "
        "write 'summary'"
    )


def keyword_that_nobody_handles(tree: Tree) -> Refusal:
    pointer, found = schema(tree)
    found["$dynamicRef"] = "#node"
    return f"{pointer}/$dynamicRef", (
        "'$dynamicRef' is no keyword of a schema that the kit handles; "
        "expected a keyword that OpenAPI 3.1 gives a schema; remove it"
    )


def a_number_for_a_schema(tree: Tree) -> Refusal:
    tree["components"]["schemas"]["Odd"] = 5
    return "/components/schemas/Odd", "5; expected a mapping, a schema; correct it"


def clause_without_level(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "x-clauses")
    del operation["x-clauses"][0]["level"]
    return f"{pointer}/x-clauses/0", "'level' is missing; expected one of must, should, may; add it"


def clause_with_a_bad_level(tree: Tree) -> Refusal:
    tree["x-clauses"][1]["level"] = "shall"
    return "/x-clauses/1/level", '"shall"; expected one of must, should, may; correct it'


def clause_without_a_source(tree: Tree) -> Refusal:
    tree["x-clauses"][0]["sources"] = []
    return "/x-clauses/0/sources", "[]; expected a list of 1 or more items without repetition; correct it"


def clause_with_an_unknown_word(tree: Tree) -> Refusal:
    tree["x-clauses"][0]["source"] = "overview"
    return "/x-clauses/0/source", (
        "'source' is not known here; expected one of about, id, level, says, sources, untestable; write 'sources'"
    )


def repeated_clause(tree: Tree) -> Refusal:
    tree["x-clauses"].append(dict(tree["x-clauses"][0]))
    name = tree["x-clauses"][0]["id"]
    return f"/x-clauses/{len(tree['x-clauses']) - 1}/id", (
        f'"{name}" is the id of the clause at /x-clauses/0 too; expected each id once; choose another'
    )


def unknown_source(tree: Tree) -> Refusal:
    tree["x-clauses"][0]["sources"] = ["hearsay"]
    tags = ", ".join(sorted(source["tag"] for source in tree["x-sources"]))
    return "/x-clauses/0/sources/0", (
        f'"hearsay" is no tag of x-sources; expected one of {tags}; correct it or declare it there'
    )


def repeated_source(tree: Tree) -> Refusal:
    tree["x-sources"].append(dict(tree["x-sources"][0]))
    tag = tree["x-sources"][0]["tag"]
    return f"/x-sources/{len(tree['x-sources']) - 1}/tag", (
        f'"{tag}" is the tag of the source at /x-sources/0 too; expected each tag once; choose another'
    )


def dialect_with_an_unknown_clause(tree: Tree) -> Refusal:
    tree["x-dialects"][0]["clause"] = "no.such.clause"
    return "/x-dialects/0/clause", '"no.such.clause" names no clause; expected the id of a clause; correct it'


def dialect_whose_canonical_value_is_none_of_its_own(tree: Tree) -> Refusal:
    tree["x-dialects"][0]["canonical"] = "esperanto"
    values = ", ".join(sorted(tree["x-dialects"][0]["values"]))
    return "/x-dialects/0/canonical", f'"esperanto" is none of the values; expected one of {values}; correct it'


def dialect_value_with_an_unknown_source(tree: Tree) -> Refusal:
    name, value = next(iter(tree["x-dialects"][0]["values"].items()))
    value["sources"] = ["hearsay"]
    tags = ", ".join(sorted(source["tag"] for source in tree["x-sources"]))
    return pointer_to("x-dialects", 0, "values", name, "sources", 0), (
        f'"hearsay" is no tag of x-sources; expected one of {tags}; correct it or declare it there'
    )


def question_that_names_nothing(tree: Tree) -> Refusal:
    index = next(index for index, row in enumerate(tree["x-questions"]) if "settled-by" in row)
    tree["x-questions"][index]["settled-by"].append("no.such.clause")
    last = len(tree["x-questions"][index]["settled-by"]) - 1
    return f"/x-questions/{index}/settled-by/{last}", (
        '"no.such.clause" names nothing; expected the id of a clause or the name of a dialect; correct it'
    )


def question_without_an_answer(tree: Tree) -> Refusal:
    tree["x-questions"][0] = {"id": "conflict-900", "subject": "Nobody knows."}
    return "/x-questions/0", (
        '{"id": "conflict-900", "subject": "Nobody knows."}; '
        "expected a mapping with id, subject with settled-by or with irrelevant; correct it"
    )


def condition_of_a_known_type(tree: Tree) -> Refusal:
    rules = tree["x-routing"]["default-config"]["rules"]
    rules.append({"name": "n", "model": "m", "priority": 99, "condition": {"type": "keyword"}})
    return f"/x-routing/default-config/rules/{len(rules) - 1}/condition", (
        "'keywords' is missing; expected a list of 1 or more items without repetition; add it"
    )


def plan_with_a_bad_name(tree: Tree) -> Refusal:
    tree["x-plans"]["Very Large"] = 5
    return "/x-plans/Very Large", (
        'the name "Very Large"; expected a string matching ^[a-z0-9]+(-[a-z0-9]+)*$; choose another'
    )


def plan_without_requests(tree: Tree) -> Refusal:
    plan = next(iter(tree["x-plans"]))
    tree["x-plans"][plan] = 0
    return f"/x-plans/{plan}", "0; expected an integer of at least 1; correct it"


def root_without_plans(tree: Tree) -> Refusal:
    del tree["x-plans"]
    return "", "'x-plans' is missing; expected a mapping of 1 or more members; add it"


def refused_above_less_than_accepted(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "x-payload-limit")
    limit = operation["x-payload-limit"]
    limit["refused-above"] = limit["bytes"] - 1
    return f"{pointer}/x-payload-limit/refused-above", (
        f"{limit['bytes'] - 1} is below bytes ({limit['bytes']}); expected {limit['bytes']} or more; raise it"
    )


def operation_without_a_name(tree: Tree) -> Refusal:
    linked = str(tree)
    pointer, operation = next(
        (pointer, operation)
        for pointer, operation in operations(tree)
        # A link that names it would be a second problem.
        if linked.count(f"'operationId': '{operation['operationId']}'") == 1
    )
    del operation["operationId"]
    return pointer, "'operationId' is missing; expected a string; add it"


def two_operations_of_one_name(tree: Tree) -> Refusal:
    (first, operation), (second, other) = list(operations(tree))[:2]
    for link in links(tree):
        if link.get("operationId") == other["operationId"]:
            link["operationId"] = operation["operationId"]
    other["operationId"] = operation["operationId"]
    return f"{second}/operationId", (
        f'"{operation["operationId"]}" is the operationId of the operation at {first} too; '
        "expected each operationId once; choose another"
    )


def link_to_no_operation(tree: Tree) -> Refusal:
    tree["components"].setdefault("links", {})["Odd"] = {"operationId": "noSuchOperation"}
    return "/components/links/Odd/operationId", (
        '"noSuchOperation" names no operation; expected the operationId of an operation; correct it'
    )


def dangling_reference(tree: Tree) -> Refusal:
    tree["components"]["schemas"]["Odd"] = {"items": {"$ref": "#/components/schemas/NoSuch"}}
    return "/components/schemas/Odd/items/$ref", (
        '"#/components/schemas/NoSuch" leads nowhere; expected a local reference (#/...) to a schema; correct it'
    )


def dangling_reference_to_a_response(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "responses")
    operation["responses"]["599"] = {"$ref": "#/components/responses/NoSuch"}
    return f"{pointer}/responses/599/$ref", (
        '"#/components/responses/NoSuch" leads nowhere; expected a local reference (#/...) to a response; correct it'
    )


def foreign_reference(tree: Tree) -> Refusal:
    tree["components"]["schemas"]["Odd"] = {"$ref": "other.yaml#/A"}
    return "/components/schemas/Odd/$ref", (
        '"other.yaml#/A" leads out of the document; expected a local reference (#/...) to a schema; '
        "copy here what it names"
    )


def reference_to_another_kind(tree: Tree) -> Refusal:
    tree["components"]["schemas"]["Odd"] = {"$ref": "#/info"}
    return "/components/schemas/Odd/$ref", (
        '"#/info" leads to the info; expected a local reference (#/...) to a schema; correct it'
    )


def reference_to_a_list(tree: Tree) -> Refusal:
    tree["components"]["schemas"]["Odd"] = {"$ref": "#/x-clauses/0/id"}
    return "/components/schemas/Odd/$ref", (
        '"#/x-clauses/0/id" leads to no place of its own; expected a local reference (#/...) to a schema; correct it'
    )


def discriminator_that_leads_nowhere(tree: Tree) -> Refusal:
    mapping = {"a/b": "#/components/schemas/NoSuch"}
    tree["components"]["schemas"]["Odd"] = {"discriminator": {"propertyName": "type", "mapping": mapping}}
    return "/components/schemas/Odd/discriminator/mapping/a~1b", (
        '"#/components/schemas/NoSuch" leads nowhere; expected a local reference (#/...) to a schema; correct it'
    )


SPOILED: list[Spoil] = [
    unknown_extension_of_the_root,
    misspelt_extension_of_an_operation,
    unknown_extension_of_a_schema,
    unknown_extension_elsewhere,
    known_extension_in_a_wrong_place,
    extension_among_the_paths,
    misspelt_keyword_of_openapi,
    keyword_that_nobody_handles,
    a_number_for_a_schema,
    clause_without_level,
    clause_with_a_bad_level,
    clause_without_a_source,
    clause_with_an_unknown_word,
    repeated_clause,
    unknown_source,
    repeated_source,
    dialect_with_an_unknown_clause,
    dialect_whose_canonical_value_is_none_of_its_own,
    dialect_value_with_an_unknown_source,
    question_that_names_nothing,
    question_without_an_answer,
    condition_of_a_known_type,
    plan_with_a_bad_name,
    plan_without_requests,
    root_without_plans,
    refused_above_less_than_accepted,
    operation_without_a_name,
    two_operations_of_one_name,
    link_to_no_operation,
    dangling_reference,
    dangling_reference_to_a_response,
    foreign_reference,
    reference_to_another_kind,
    reference_to_a_list,
    discriminator_that_leads_nowhere,
]


@both_loaders
@pytest.mark.parametrize("spoil", SPOILED, ids=lambda spoil: spoil.__name__.replace("_", " "))
def test_one_mistake_is_one_line(loader: Loader, spoil: Spoil, tmp_path: Path) -> None:
    tree = fresh_tree()
    pointer, message = spoil(tree)
    path = tmp_path / "openapi.yaml"
    line = line_of(write(tree, path), pointer)
    place = f"{path}:{line} {pointer}" if pointer else f"{path}:{line}"
    assert loader.refusal(path) == [f"{place}: {message}"]


@both_loaders
def test_all_mistakes_are_reported_in_the_order_of_lines(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    expected = [spoil(tree)[0] for spoil in (unknown_source, dangling_reference, question_that_names_nothing)]
    text = write(tree, tmp_path / "openapi.yaml")
    problems = loader.refusal(tmp_path / "openapi.yaml")
    expected.sort(key=lambda pointer: line_of(text, pointer))
    assert [problem.split()[1].removesuffix(":") for problem in problems] == expected


# The words of the document are the author's: whatever they hold, a problem stays one line.
@both_loaders
def test_a_line_break_in_a_key_does_not_break_the_line(loader: Loader, tmp_path: Path) -> None:
    tree = fresh_tree()
    tree["info"]["x-a\nb"] = 1
    write(tree, tmp_path / "openapi.yaml")
    [problem] = loader.refusal(tmp_path / "openapi.yaml")
    assert "\n" not in problem
