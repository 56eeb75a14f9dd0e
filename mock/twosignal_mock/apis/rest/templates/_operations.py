"""What prompt templates offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from twosignal_contract import Contract

from twosignal_mock.apis.rest.store import TemplateRecord, TemplateVersionRecord, repositories_of
from twosignal_mock.apis.rest.templates._rules import find_variables
from twosignal_mock.apis.rest.templates._wire import read_push, write_list, write_template
from twosignal_mock.engine.api import Call, Operation, Refusal, Setting

if TYPE_CHECKING:
    from twosignal_mock.engine.store import Transaction


def operations(contract: Contract, setting: Setting) -> tuple[Operation, ...]:  # noqa: ARG001 - the shape of all resources
    """GetPromptTemplates and pushPromptTemplate."""
    return (
        Operation("getPromptTemplates", _get),
        Operation("pushPromptTemplate", _push, writes=True),
    )


def _get(call: Call, transaction: Transaction) -> object:
    templates = repositories_of(transaction).templates
    name, number = call.parameters.get("name"), call.parameters.get("version")
    if name is None:
        if number is not None:
            raise Refusal("invalid-value", place="version", problem="names a version of no template; send name as well")
        return write_list(templates.all())
    template = templates.find(name)
    if template is None:
        raise Refusal("unknown-resource", resource="template", id=name)
    wanted = template.latest if number is None else number
    version = templates.version(template.id, wanted)
    if version is None:
        raise Refusal("unknown-resource", resource="template version", id=f"{name} version {wanted}")
    return write_template(template, version)


def _push(call: Call, transaction: Transaction) -> object:
    """Reads the newest number and takes the next in one write, so pushes at the same time never share or skip one."""
    templates = repositories_of(transaction).templates
    push = read_push(call.body)
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
