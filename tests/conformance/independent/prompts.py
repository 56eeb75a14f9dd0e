"""Model routing and prompt templates."""

import re
import uuid
from collections.abc import Mapping

from .traces import Project
from .values import Fields, Json, invalid, not_found, now, read_query_integer, write_instant

LARGEST_VERSION = 2**31 - 1
DEFAULT_CONFIG = "default"
DEFAULT_MODEL = "gpt-4o-mini"
STRONG_MODEL = "gpt-4o"
COMPLEX_FROM = 0.7
LONG_FROM = 4000  # tokens
CHARACTERS_PER_TOKEN = 4
STRUCTURE = [
    re.compile("```"),
    re.compile(r'\{\s*"[^"]*"\s*:|</[A-Za-z][A-Za-z0-9]*>'),
    re.compile(r"(?m)^\s*\|.*\|\s*$"),
    re.compile(r"(?m)^(\t| {2,})([-*+]|[0-9]+\.)\s"),
    re.compile("https?://"),
]
_WORD = re.compile(r"[^\W_]+(?:[-'][^\W_]+)*")
REASONING = _WORD.findall(
    "why how explain analyze analyse evaluate reason prove derive justify because therefore implications"
    " design optimize optimise debug plan synthesize"
)
COMPARISON = _WORD.findall(
    "compare contrast versus vs difference differences better worse trade-off tradeoffs pros cons advantages"
    " disadvantages"
)
_VARIABLE = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")


# --- routing --------------------------------------------------------------------------------------------------------


def route(_: Project, body: Json) -> Json:
    fields = Fields(body)
    text = fields.text("input")
    config = fields.optional("configName", lambda name: fields.text(name, most=200))
    if config is not None and config != DEFAULT_CONFIG:
        raise not_found("routing configuration", config)
    complexity = _complexity(text)
    strong = complexity > COMPLEX_FROM or len(text) / CHARACTERS_PER_TOKEN > LONG_FROM
    return {
        "model": STRONG_MODEL if strong else DEFAULT_MODEL,
        "configName": DEFAULT_CONFIG,
        "complexity": complexity,
    }


def _complexity(text: str) -> float:
    words = _WORD.findall(text.lower())
    length = min(1.0, len(text) / CHARACTERS_PER_TOKEN / 2000)
    vocabulary = len(set(words)) / len(words) if words else 0.0
    reasoning = min(1.0, sum(word in REASONING for word in words) / 3)
    parts = min(1.0, text.count("?") / 2)
    comparison = 1.0 if any(word in COMPARISON for word in words) else 0.0
    question = 0.5 * reasoning + 0.25 * parts + 0.25 * comparison
    structure = min(1.0, sum(bool(sign.search(text)) for sign in STRUCTURE) / 3)
    return round(0.25 * length + 0.2 * vocabulary + 0.35 * question + 0.2 * structure, 2)


# --- templates ------------------------------------------------------------------------------------------------------


def push_template(project: Project, body: Json) -> Json:
    fields = Fields(body)
    name, content = fields.short_text("name"), fields.text("content")
    variables = fields.optional("variables", lambda key: fields.texts(key, 1))
    description = fields.optional("description", fields.text)
    message = fields.optional("commitMessage", fields.text)
    moment = write_instant(now())
    with project.lock:
        fresh: Json = {"id": str(uuid.uuid4()), "name": name, "description": None, "createdAt": moment, "versions": []}
        template: Json = project.templates.setdefault(name, fresh)
        version = {
            "id": str(uuid.uuid4()),
            "version": len(template["versions"]) + 1,
            "content": content,
            "variables": list(dict.fromkeys(_VARIABLE.findall(content))) if variables is None else variables,
            "commitMessage": message,
            "createdAt": moment,
        }
        template["versions"].append(version)
        template["updatedAt"] = moment
        if description is not None:
            template["description"] = description
    return _resolved(template, version)


def get_templates(project: Project, parameters: Mapping[str, str]) -> Json:
    name, version = parameters.get("name"), parameters.get("version")
    if version is not None and name is None:
        raise invalid("version", "needs a name")
    number = None if version is None else read_query_integer(version, "version", 1, LARGEST_VERSION)
    with project.lock:
        if name is None:
            return {"data": [_summary(project.templates[known]) for known in sorted(project.templates)]}
        if not 1 <= len(name) <= 200:
            raise invalid("name", "expected 1 to 200 characters")
        template = project.templates.get(name)
        if template is None:
            raise not_found("template", name)
        versions = template["versions"]
        if number is not None and number > len(versions):
            raise not_found("version", f"{name} {number}")
        return _resolved(template, versions[-1] if number is None else versions[number - 1])


def _resolved(template: Json, version: Json) -> Json:
    return {"data": {"id": template["id"], "name": template["name"], "version": version}}


def _summary(template: Json) -> Json:
    shown = {name: template[name] for name in ("id", "name", "description", "createdAt", "updatedAt")}
    return shown | {"latestVersion": len(template["versions"])}
