"""The grammar of OpenAPI 3.1, as far as the kit handles it: which words an object has, and what stands below them.

`callbacks`, `webhooks`, `$anchor` and their like are valid OpenAPI. The kit would obey half of a document that used
them, so the reader refuses them by name instead.

A line is an object: its name, then its words. A bare word holds a value that is not looked into (a text, a number, an
example). `word:object` holds an object, `word:[object]` a list of them, `word:{object}` a mapping of names to them.
`/pattern/:object` is a mapping whose keys are the names. `&` after the name: a Reference Object may stand instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_GRAMMAR = """
root                    openapi jsonSchemaDialect security info:info servers:[server] tags:[tag] paths:paths
                        externalDocs:external-documentation components:components
info                    title summary description termsOfService version contact:contact license:license
contact                 name url email
license                 name identifier url
external-documentation  description url
tag                     name description externalDocs:external-documentation
server                  url description variables:{server-variable}
server-variable         enum default description
paths                   //.*/:path-item
path-item               summary description servers:[server] parameters:[parameter] get:operation put:operation
                        post:operation delete:operation options:operation head:operation patch:operation
operation               tags summary description operationId deprecated security externalDocs:external-documentation
                        parameters:[parameter] requestBody:request-body responses:responses servers:[server]
parameter&              name in description required deprecated allowEmptyValue style explode allowReserved example
                        schema:schema examples:{example} content:{media-type}
header&                 description required deprecated style explode example
                        schema:schema examples:{example} content:{media-type}
request-body&           description required content:{media-type}
media-type              example schema:schema examples:{example} encoding:{encoding}
encoding                contentType style explode allowReserved headers:{header}
responses               /default|[1-5](?:[0-9][0-9]|XX)/:response
response&               description headers:{header} content:{media-type} links:{link}
link&                   operationId parameters requestBody description server:server
example&                summary description value externalValue
components              schemas:{schema} responses:{response} parameters:{parameter} examples:{example}
                        requestBodies:{request-body} headers:{header} securitySchemes:{security-scheme} links:{link}
security-scheme&        type description name in scheme bearerFormat openIdConnectUrl
schema                  $ref $comment title description default deprecated readOnly writeOnly examples example type enum
                        const multipleOf maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern
                        maxItems minItems uniqueItems maxContains minContains maxProperties minProperties required
                        dependentRequired format contentEncoding contentMediaType
                        allOf:[schema] anyOf:[schema] oneOf:[schema] prefixItems:[schema] not:schema if:schema
                        then:schema else:schema items:schema contains:schema additionalProperties:schema
                        propertyNames:schema unevaluatedItems:schema unevaluatedProperties:schema
                        properties:{schema} patternProperties:{schema} dependentSchemas:{schema} $defs:{schema}
                        discriminator:discriminator xml:xml externalDocs:external-documentation
discriminator           propertyName mapping
xml                     name namespace prefix attribute wrapped
reference               $ref summary description
"""


@dataclass(slots=True)
class Rule:
    """An object of the grammar."""

    name: str
    """As messages call it: `path item`."""
    referable: bool
    words: dict[str, str] = field(default_factory=dict)
    """Word to what it holds: empty, `object`, `[object]` or `{object}`."""
    pattern: str | None = None
    """For a mapping of names: what a name looks like; the objects below are those of `words['']`."""


def _parse(grammar: str) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    rule = Rule("", False)
    for line in grammar.strip().splitlines():
        words = line.split()
        if not line.startswith(" "):
            label = words.pop(0)
            rule = rules[label.rstrip("&")] = Rule(label.rstrip("&").replace("-", " "), label.endswith("&"))
        for word in words:
            if word.startswith("/"):
                pattern, _, rule.words[""] = word[1:].rpartition("/:")
                rule.pattern = pattern
            else:
                name, _, rule.words[name] = word.partition(":")
    return rules


GRAMMAR = _parse(_GRAMMAR)
