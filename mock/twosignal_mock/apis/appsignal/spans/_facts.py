"""From the spans of a trace to what follows from them. All lists and numbers of the API come from here.

Spans come in any order, over several calls: a trace is worked out anew with each call that adds to it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256

import orjson

from twosignal_mock.apis.appsignal.spans._records import (
    Action,
    Facts,
    Occurrence,
    Root,
    SlowEvent,
    SpanRecord,
    TraceError,
)

SERVER, CLIENT, PRODUCER, CONSUMER = 2, 3, 4, 5
"""Kinds of spans; https://opentelemetry.io/docs/specs/otel/trace/api/#spankind."""

_REPEATS = 5
"""Clause traces.npo.repeats: like queries below one parent."""
_LONGEST = 1000
"""Characters of a statement that is shown."""
_DIGITS = 16
"""Of a digest."""

_LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_LIST = re.compile(r"\(\s*\?(?:\s*,\s*\?)+\s*\)")

Key = tuple[int, str]
"""Site and id of a span."""


def digest_of(*parts: str) -> str:
    """What stands for all traces, errors or events of one kind."""
    return sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:_DIGITS]


def action_digest(action: Action) -> str:
    """Stands for an action, whatever its site."""
    return digest_of("action", action.namespace, action.name)


def facts_of(spans: Sequence[SpanRecord]) -> Facts:
    """What follows from all spans of a trace, in whatever sites they are."""
    tree = Tree(spans)
    failed = {tree.root_of(span) for span in spans if span.exception is not None}
    repeated = _repeated(tree, spans)
    roots = [tree.root(span, failed, repeated) for span in spans if tree.is_root(span)]
    by_key = {(root.site, root.span): root for root in roots}
    return Facts(roots, list(_errors(tree, spans, by_key)), list(_occurrences(tree, spans, by_key)))


class Tree:
    """The spans of a trace and who called whom."""

    def __init__(self, spans: Sequence[SpanRecord]) -> None:
        self._spans: dict[Key, SpanRecord] = {(span.site, span.id): span for span in spans}
        self._anywhere = {span.id: span for span in reversed(spans)}
        self._roots: dict[Key, Key | None] = {}

    def parent(self, span: SpanRecord) -> SpanRecord | None:
        """The span that called it: of its own site, else of another one."""
        return self._spans.get((span.site, span.parent)) or self._anywhere.get(span.parent)

    def is_root(self, span: SpanRecord) -> bool:
        """True for a span with which a service was called: by another service, by its own, or by nobody that is known.

        A span whose parent is not there yet waits for it, unless its kind says that it was called from outside.
        """
        parent = self.parent(span) if span.parent else None
        called = span.kind in (SERVER, CONSUMER)
        if parent is None:
            return called or not span.parent
        elsewhere = (parent.site, parent.service) != (span.site, span.service)
        return elsewhere or (called and parent.kind in (CLIENT, PRODUCER))

    def root_of(self, span: SpanRecord) -> Key | None:
        """The span above it with which its service was called, or itself; None when its parents are not there yet."""
        walked = []
        at: SpanRecord | None = span
        found: Key | None = None
        while at is not None:
            key = (at.site, at.id)
            if key in self._roots:
                found = self._roots[key]
                break
            if self.is_root(at):
                self._roots[key] = found = key
                break
            self._roots[key] = None  # so that a circle of parents ends
            walked.append(key)
            at = self.parent(at)
        for key in walked:
            self._roots[key] = found
        return found

    def action_of(self, span: SpanRecord) -> Action | None:
        """The action that it is part of; None when its parents are not there yet."""
        key = self.root_of(span)
        if key is None:
            return None
        root = self._spans[key]
        return Action(root.site, root.service, root.namespace, root.action)

    def root(self, span: SpanRecord, failed: set[Key | None], repeated: set[Key | None]) -> Root:
        """What is kept of a span with which a service was called."""
        key = (span.site, span.id)
        caller = self.parent(span) if span.parent else None
        return Root(
            site=span.site,
            time=span.start,
            span=span.id,
            trace=span.trace,
            duration=span.end - span.start,
            action=Action(span.site, span.service, span.namespace, span.action),
            revision=span.revision,
            npo=key in repeated,
            tags=_text(span.tags),
            caller=None if caller is None else self.action_of(caller),
            failed=key in failed,
        )


def event_of(span: SpanRecord) -> SlowEvent | None:
    """The slow event that a span is; None for one that is none. No span that is a root is one."""
    if not span.is_query and span.kind not in (CLIENT, PRODUCER):
        return None
    body = None if span.statement is None else _without_literals(span.statement)
    return SlowEvent(span.site, digest_of("event", span.name, body or ""), span.name, body)


def _errors(tree: Tree, spans: Sequence[SpanRecord], roots: Mapping[Key, Root]) -> Iterator[TraceError]:
    for span in spans:
        if span.exception is None or (key := tree.root_of(span)) is None:
            continue
        root = roots[key]
        tags = root.tags if not span.tags else _text({**orjson.loads(root.tags), **span.tags})
        yield TraceError(
            site=span.site,
            time=span.start,
            span=span.id,
            trace=span.trace,
            duration=span.end - span.start,
            action=root.action,
            revision=root.revision,
            npo=root.npo,
            tags=tags,
            digest=span.incident or digest_of("error", root.action.namespace, root.action.name, span.exception),
            exception=span.exception,
        )


def _occurrences(tree: Tree, spans: Sequence[SpanRecord], roots: Mapping[Key, Root]) -> Iterator[Occurrence]:
    for span in spans:
        event = event_of(span)
        if event is None or (span.site, span.id) in roots or (key := tree.root_of(span)) is None:
            continue
        yield Occurrence(span.site, span.start, span.id, span.trace, span.end - span.start, event, roots[key].action)


def _repeated(tree: Tree, spans: Sequence[SpanRecord]) -> set[Key | None]:
    """The roots below which one kind of query was made again and again."""
    queries = [span for span in spans if span.is_query]
    if len(queries) < _REPEATS:
        return set()
    likes = Counter((span.site, span.parent, event_of(span)) for span in queries)
    many = {kind for kind, count in likes.items() if count >= _REPEATS}
    return {tree.root_of(span) for span in queries if (span.site, span.parent, event_of(span)) in many}


def _text(tags: Mapping[str, str]) -> str:
    return orjson.dumps(tags).decode()


@lru_cache(maxsize=4096)
def _without_literals(statement: str) -> str:
    """The text that all queries of one kind share: `SELECT * FROM users WHERE id = ?`."""
    return _LIST.sub("(?)", _LITERAL.sub("?", statement))[:_LONGEST]
