"""Mistakes in what extensions say: clauses, sources, dialects, plans, errors."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contract.documents import (
    Refusal,
    Spoil,
    Tree,
    operation_with,
    pointer_to,
    schema,
)


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
        "'x-colour' is no extension of this contract; expected one of x-aliases, x-clauses, x-proto-json; remove it"
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
    rules = tree["x-rest-routing"]["default-config"]["rules"]
    rules.append({"name": "n", "model": "m", "priority": 99, "condition": {"type": "keyword"}})
    return f"/x-rest-routing/default-config/rules/{len(rules) - 1}/condition", (
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


def root_without_errors(tree: Tree) -> Refusal:
    del tree["x-errors"]
    return "", "'x-errors' is missing; expected a mapping of 1 or more members; add it"


def plans_without_a_rate_limit(tree: Tree) -> Refusal:
    del tree["x-rate-limit"]
    return "/x-plans", "'x-plans' stands without 'x-rate-limit'; expected both or none; add 'x-rate-limit' or remove it"


def extension_of_another_api(tree: Tree) -> Refusal:
    tree["x-toy-colours"] = tree["x-rest-tokens"]
    known = ", ".join(sorted(keyword for keyword in tree if keyword.startswith("x-") and keyword != "x-toy-colours"))
    return "/x-toy-colours", f"'x-toy-colours' is no extension of this contract; expected one of {known}; remove it"


def extension_of_the_api_that_breaks_its_own_schema(tree: Tree) -> Refusal:
    tree["x-rest-tokens"]["access"]["lifetime"] = 0
    return "/x-rest-tokens/access/lifetime", "0; expected an integer of at least 1; correct it"


def extension_schema_that_is_not_there(tree: Tree) -> Refusal:
    for keyword in [keyword for keyword in tree if keyword.startswith("x-rest-")]:
        del tree[keyword]
    tree["x-api"]["extensions"] = "contracts/nowhere.json"
    return "/x-api/extensions", (
        '"contracts/nowhere.json" is no file; expected a JSON Schema beside the document; correct it'
    )


def error_body_without_a_code(tree: Tree) -> Refusal:
    del tree["x-errors"]["internal"]["body"]["error"]["code"]
    body = '{"error": {"message": "Internal error"}}'
    return "/x-errors/internal/body", f"{body} has no /error/code; expected what x-api says of each body; add it"


def error_body_with_half_a_brace(tree: Tree) -> Refusal:
    tree["x-errors"]["internal"]["body"]["error"]["message"] = "Internal { error"
    return "/x-errors/internal/body/error/message", (
        "\"Internal { error\" (expected '}' before end of string); expected a template; write {{ or }} for a brace"
    )


def error_body_that_asks_for_more_than_a_name(tree: Tree) -> Refusal:
    tree["x-errors"]["internal"]["body"]["error"]["message"] = "Internal error {place.__class__}"
    return "/x-errors/internal/body/error/message", (
        '"{place.__class__}" in a template; expected a name in braces; correct it'
    )


SPOILED: Sequence[Spoil] = (
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
    root_without_errors,
    plans_without_a_rate_limit,
    extension_of_another_api,
    extension_of_the_api_that_breaks_its_own_schema,
    extension_schema_that_is_not_there,
    error_body_without_a_code,
    error_body_with_half_a_brace,
    error_body_that_asks_for_more_than_a_name,
)
