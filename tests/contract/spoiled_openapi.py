"""Mistakes in OpenAPI's own words: references, parameters, security, operations."""

from __future__ import annotations

from collections.abc import Sequence

from tests.contract.documents import (
    Refusal,
    Spoil,
    Tree,
    links,
    operation_with,
    operations,
    pointer_to,
)


def unknown_security_scheme(tree: Tree) -> Refusal:
    tree["security"] = [{"apiKay": []}]
    schemes = ", ".join(sorted(tree["components"]["securitySchemes"]))
    return "/security/0/apiKay", f'"apiKay" names no security scheme; expected one of {schemes}; correct it'


def security_that_is_no_list(tree: Tree) -> Refusal:
    tree["security"] = {"apiKey": []}
    return "/security", '{"apiKey": []}; expected a list of mappings of security schemes; correct it'


def parameter_without_a_place(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "parameters")
    del operation["parameters"][0]["in"]
    return f"{pointer}/parameters/0", "'in' is missing; expected one of path, query, header, cookie; add it"


def parameter_in_the_body(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "parameters")
    operation["parameters"][0]["in"] = "body"
    return f"{pointer}/parameters/0/in", '"body"; expected one of path, query, header, cookie; correct it'


def parameter_without_a_schema(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "parameters")
    del operation["parameters"][0]["schema"]
    return f"{pointer}/parameters/0", (
        "'schema' is missing; expected either a schema or a content of one media type; correct it"
    )


def repeated_parameter(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "parameters")
    first, last = operation["parameters"][0], len(operation["parameters"])
    operation["parameters"].append(dict(first))
    return f"{pointer}/parameters/{last}", (
        f'"{first["name"]}" is the {first["in"]} parameter at {pointer}/parameters/0 too; '
        "expected each parameter once; remove one"
    )


def path_that_lacks_its_parameter(tree: Tree) -> Refusal:
    path, item = next(iter(tree["paths"].items()))
    tree["paths"] = {f"{path}/{{id}}": item} | {key: value for key, value in tree["paths"].items() if key != path}
    pointer, _ = next(operations(tree))
    return pointer, (
        f'no path parameter "id", which {path}/{{id}} names; expected a parameter for each name in braces; add it'
    )


def path_parameter_that_the_path_lacks(tree: Tree) -> Refusal:
    pointer, operation = operation_with(tree, "parameters")
    path = next(path for path in tree["paths"] if pointer.startswith(pointer_to("paths", path, "")))
    operation["parameters"].append({"name": "id", "in": "path", "required": True, "schema": {"type": "string"}})
    return f"{pointer}/parameters/{len(operation['parameters']) - 1}", (
        f'"id" does not stand in {path}; expected a name in braces of the path; correct it or remove it'
    )


def references_in_a_circle(tree: Tree) -> Refusal:
    tree["components"]["responses"]["Odd"] = {"$ref": "#/components/responses/Odd"}
    return "/components/responses/Odd/$ref", (
        '"#/components/responses/Odd" leads back to itself; expected a local reference (#/...) to a response; '
        "write out what it means"
    )


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


SPOILED: Sequence[Spoil] = (
    unknown_security_scheme,
    security_that_is_no_list,
    parameter_without_a_place,
    parameter_in_the_body,
    parameter_without_a_schema,
    repeated_parameter,
    path_that_lacks_its_parameter,
    path_parameter_that_the_path_lacks,
    references_in_a_circle,
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
)
