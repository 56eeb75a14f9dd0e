"""What no schema can say of OpenAPI's own words: references that lead somewhere, names that exist and stand once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from twosignal_contract._lookup import NOTHING, join, look_up, of_reference, resolve
from twosignal_contract._operations import WHERE, path_parameters
from twosignal_contract._problems import Problem, one_of, quote, with_article
from twosignal_contract._walk import OperationSite, Reference, Walk

Row = tuple[str, Mapping[str, Any]]
"""A mapping of the document with its pointer."""


def check_frame(document: Mapping[str, Any]) -> Iterator[Problem]:
    """What must be there before anything else can be said about the document."""
    version, info = document.get("openapi"), document.get("info")
    if version is None:
        yield Problem("", "'openapi' is missing", "OpenAPI 3.1", "write openapi: 3.1.1")
    elif not (isinstance(version, str) and version.startswith("3.1.")):
        yield Problem("/openapi", quote(version), "OpenAPI 3.1", "write openapi: 3.1.1")
    for keyword in ("info", "paths"):
        if keyword not in document:
            yield Problem("", f"'{keyword}' is missing", "a mapping", "add it")
    if isinstance(info, dict) and "version" not in info:
        yield Problem("/info", "'version' is missing", "a string", "add it")
    elif isinstance(info, dict) and not isinstance(info["version"], str):
        yield Problem("/info/version", quote(info["version"]), "a string", "quote it")


def check_names(walk: Walk) -> Iterator[Problem]:
    """Each operation has a name of its own, and links name operations."""
    named: list[Row] = []
    for site in walk.operations:
        name = site.value.get("operationId")
        if name is None:
            yield Problem(site.pointer, "'operationId' is missing", "a string", "add it")
        elif not isinstance(name, str):
            yield Problem(join(site.pointer, "operationId"), quote(name), "a string", "correct it")
        else:
            named.append((site.pointer, site.value))
    yield from repeated(named, "operationId", "operation")
    names = [site.value.get("operationId") for site in walk.operations]
    for pointer, name in walk.links:
        if name not in names:
            expected = "the operationId of an operation"
            yield Problem(pointer, f"{quote(name)} names no operation", expected, "correct it")


def check_references(document: Mapping[str, Any], walk: Walk) -> Iterator[Problem]:
    """References stay in the document, lead somewhere, and to an object of the kind that is wanted."""
    for reference in walk.references:
        wanted = f"a local reference (#/...) to {with_article(reference.kind.replace('-', ' '))}"
        found, remedy = _mistake_of(reference, walk, document)
        if found:
            yield Problem(reference.pointer, f"{quote(reference.target)} {found}", wanted, remedy)


def _mistake_of(reference: Reference, walk: Walk, document: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a reference and what to do; empty when nothing is."""
    pointer = of_reference(reference.target)
    if pointer is None:
        return "leads out of the document", "copy here what it names"
    kind = walk.kinds.get(pointer)
    if kind is None:
        # No object of the document: something inside an example, a list of names, or nothing at all.
        nothing = look_up(document, pointer) is NOTHING
        return ("leads nowhere" if nothing else "leads to no place of its own"), "correct it"
    if kind != reference.kind:
        return f"leads to {with_article(kind.replace('-', ' '))}", "correct it"
    return ("leads back to itself", "write out what it means") if _is_circular(document, pointer) else ("", "")


def _is_circular(document: Mapping[str, Any], pointer: str | None) -> bool:
    """Whether references lead to references for ever."""
    seen = set()
    while pointer is not None and pointer not in seen:
        seen.add(pointer)
        node = look_up(document, pointer)
        pointer = of_reference(node.get("$ref")) if isinstance(node, Mapping) else None
    return pointer is not None


def check_security(document: Mapping[str, Any], walk: Walk) -> Iterator[Problem]:
    """What opens an operation is one of the security schemes."""
    components = document.get("components")
    schemes = components.get("securitySchemes", {}) if isinstance(components, dict) else {}
    for pointer, alternatives in walk.security:
        if not (isinstance(alternatives, list) and all(isinstance(row, dict) for row in alternatives)):
            yield Problem(pointer, quote(alternatives), "a list of mappings of security schemes", "correct it")
            continue
        for index, row in enumerate(alternatives):
            for name in row:
                if name not in schemes:
                    expected = one_of(sorted(schemes)) if schemes else "a name of components/securitySchemes"
                    yield Problem(
                        join(pointer, index, name), f"{quote(name)} names no security scheme", expected, "correct it"
                    )


def check_parameters(document: Mapping[str, Any], walk: Walk) -> Iterator[Problem]:
    """Parameters say what they are; those of a path are the ones that its template names."""
    sound = True
    for pointer, kind in walk.kinds.items():
        if kind == "parameter":
            node = look_up(document, pointer)
            for problem in () if "$ref" in node else _parameter(node, pointer):
                sound = False
                yield problem
    for site in walk.operations if sound else ():
        yield from _parameters_of(document, site)


def _parameter(node: Mapping[str, Any], pointer: str) -> Iterator[Problem]:
    for keyword, expected in (("name", "a string"), ("in", one_of(WHERE))):
        value = node.get(keyword)
        if keyword not in node:
            yield Problem(pointer, f"'{keyword}' is missing", expected, "add it")
        elif not isinstance(value, str) or (keyword == "in" and value not in WHERE):
            yield Problem(join(pointer, keyword), quote(value), expected, "correct it")
    if ("schema" in node) == ("content" in node) or len(node.get("content", " ")) != 1:
        found = "'content' does not have one media type" if "content" in node else "'schema' is missing"
        yield Problem(pointer, found, "either a schema or a content of one media type", "correct it")
    if node.get("in") == "path" and node.get("required") is not True:
        yield Problem(pointer, "a path parameter that is not required", "required: true", "add it")


def _parameters_of(document: Mapping[str, Any], site: OperationSite) -> Iterator[Problem]:
    item_pointer = site.pointer.rpartition("/")[0]
    named: dict[str, str] = {}
    for owner in (item_pointer, site.pointer):
        first: dict[tuple[str, str], str] = {}
        for index, node in enumerate(look_up(document, owner).get("parameters", ())):
            row, place = resolve(document, node)[0], join(owner, "parameters", index)
            key = (row["name"], row["in"])
            if key in first:
                found = f"{quote(row['name'])} is the {row['in']} parameter at {first[key]} too"
                yield Problem(place, found, "each parameter once", "remove one")
            first.setdefault(key, place)
            if row["in"] == "path":
                named[row["name"]] = place
    wanted = path_parameters(site.path)
    for name in wanted:
        if name not in named:
            found = f"no path parameter {quote(name)}, which {site.path} names"
            yield Problem(site.pointer, found, "a parameter for each name in braces", "add it")
    for name, place in named.items():
        if name not in wanted and place.startswith(f"{site.pointer}/"):
            found = f"{quote(name)} does not stand in {site.path}"
            yield Problem(place, found, "a name in braces of the path", "correct it or remove it")


def repeated(rows: Iterable[Row], key: str, noun: str) -> Iterator[Problem]:
    """Rows that share what each has once."""
    first: dict[str, str] = {}
    for pointer, row in rows:
        if row[key] in first:
            found = f"{quote(row[key])} is the {key} of the {noun} at {first[row[key]]} too"
            yield Problem(join(pointer, key), found, f"each {key} once", "choose another")
        first.setdefault(row[key], pointer)
