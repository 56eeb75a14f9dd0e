"""Small pieces of the page that several of its parts are made of."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from twosignal_conformance.engine.api_client import Evidence


def pairs(texts: Mapping[str, str]) -> str:
    """Names with their texts; empty texts are left out."""
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in texts.items() if text)
    return f'<dl class="pair">{rows}</dl>'


def copied(line: str) -> str:
    """A line with a button that copies it; nothing for an empty one."""
    button = '<button class="copy" type="button">Copy</button>'
    return f'<div class="curl"><pre>{escape(line)}</pre>{button}</div>' if line else ""


def exchanged(evidence: Evidence) -> str:
    """Request and answer, folded."""
    return (
        f"<details><summary>Request and answer</summary><pre>{escape(evidence.request)}</pre>"
        f"<pre>{escape(evidence.response)}</pre></details>"
    )
