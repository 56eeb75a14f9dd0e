"""JSON to pushes, records to JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from twosignal_mock.apis.rest._timestamps import format_timestamp
from twosignal_mock.apis.rest.templates._values import Push

if TYPE_CHECKING:
    from twosignal_mock.apis.rest.store import TemplateRecord, TemplateVersionRecord


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
