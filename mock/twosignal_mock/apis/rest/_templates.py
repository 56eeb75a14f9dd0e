"""The handlers of prompt templates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from twosignal_contract import Contract

from twosignal_mock.apis.rest._formats import format_timestamp
from twosignal_mock.apis.rest.store import TemplateRecord, TemplateVersionRecord, repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler

if TYPE_CHECKING:
    from twosignal_mock.engine.store import Transaction


@dataclass(frozen=True, slots=True)
class Push:
    """A template, or a new version of one."""

    name: str
    content: str
    variables: tuple[str, ...] | None
    """None: to be found in the content."""
    description: str | None
    """None: the template keeps the one it has."""
    message: str | None


def handlers(contract: Contract, dependencies: Dependencies) -> tuple[Handler, ...]:  # noqa: ARG001 - the shape of all resources
    """GetPromptTemplates and pushPromptTemplate."""
    return (
        Handler("getPromptTemplates", _get, ("name", "version")),
        Handler("pushPromptTemplate", _push, writes=True),
    )


def _get(call: Call, transaction: Transaction) -> object:
    name, number = call.parameters.get("name"), call.parameters.get("version")
    templates = repositories_of(transaction).templates
    if name is None:
        if number is not None:
            raise ApiError(
                "invalid-value", place="version", problem="names a version of no template; send name as well"
            )
        return write_list(templates.all())
    template = templates.find(name)
    if template is None:
        raise ApiError("unknown-resource", resource="template", id=name)
    wanted = template.latest if number is None else number
    version = templates.version(template.id, wanted)
    if version is None:
        raise ApiError("unknown-resource", resource="template version", id=f"{name} version {wanted}")
    return write_template(template, version)


def _push(call: Call, transaction: Transaction) -> object:
    """Reads the newest number and takes the next in one write, so pushes at the same time never share or skip one."""
    push = read_push(call.body)
    templates = repositories_of(transaction).templates
    before = templates.find(push.name)
    if before is None:
        template = TemplateRecord(call.new_id(), push.name, push.description, 1, call.now, call.now)
    else:
        description = before.description if push.description is None else push.description
        template = before._replace(latest=before.latest + 1, description=description, updated=call.now)
    variables = find_variables(push.content) if push.variables is None else push.variables
    version = TemplateVersionRecord(
        template.id, call.new_id(), template.latest, push.content, variables, push.message, call.now
    )
    templates.put(template)
    templates.add_version(version)
    return write_template(template, version)


def read_push(body: Mapping[str, Any]) -> Push:
    """TemplateRequest, checked already."""
    variables = body.get("variables")
    return Push(
        body["name"],
        body["content"],
        None if variables is None else tuple(variables),
        body.get("description"),
        body.get("commitMessage"),
    )


def write_list(templates: Iterable[TemplateRecord]) -> dict[str, Any]:
    """TemplatesResult without a name."""
    return {
        "data": [
            {
                "id": template.id,
                "name": template.name,
                "description": template.description,
                "latestVersion": template.latest,
                "createdAt": format_timestamp(template.created),
                "updatedAt": format_timestamp(template.updated),
            }
            for template in templates
        ]
    }


def write_template(template: TemplateRecord, version: TemplateVersionRecord) -> dict[str, Any]:
    """TemplateResult, and TemplatesResult with a name."""
    return {
        "data": {
            "id": template.id,
            "name": template.name,
            "version": {
                "id": version.id,
                "version": version.number,
                "content": version.content,
                "variables": list(version.variables),
                "commitMessage": version.message,
                "createdAt": format_timestamp(version.created),
            },
        }
    }


def find_variables(content: str) -> tuple[str, ...]:
    """The names that stand in the content as {{name}}, each once, in the order of their first use.

    A name is letters, digits, `_`, `.` and `-`, blanks around it allowed; what else stands in double braces is text.
    """
    return tuple(dict.fromkeys(_VARIABLE.findall(content)))


# Every quantifier is bounded: a megabyte of braces or blanks costs as much as one of letters.
_VARIABLE = re.compile(r"\{\{[ \t]{0,20}([\w.-]{1,200})[ \t]{0,20}\}\}")
