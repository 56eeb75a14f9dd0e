"""Whether a body says to be what the contract wants: Content-Type against the document's media types."""

from __future__ import annotations

import re
from collections.abc import Sequence

from twosignal_mock.engine.api import Refusal
from twosignal_mock.engine.validation import JSON

_PLAIN = JSON.encode()
_CHARSET = re.compile(r'charset\s*=\s*"?([^";\s]*)', re.IGNORECASE)
_LONGEST = 80
"""Characters of what came that a message repeats."""


def check_media_type(content_type: bytes | None, allowed: Sequence[str]) -> None:
    """Raises Refusal unless the media type is one of `allowed`, in UTF-8 if it names a character set."""
    if content_type == _PLAIN and JSON in allowed:
        return
    expected = " or ".join(allowed)
    if content_type is None:
        raise Refusal("unsupported-media-type", received="(none)", expected=expected)
    text = content_type.decode("latin-1")
    media_type, _, parameters = text.partition(";")
    charset = _CHARSET.search(parameters)
    if media_type.strip().lower() not in allowed:
        raise Refusal("unsupported-media-type", received=text[:_LONGEST], expected=expected)
    if charset is not None and charset.group(1).lower() not in ("utf-8", "utf8"):
        raise Refusal("unsupported-media-type", received=text[:_LONGEST], expected=f"{expected} in UTF-8")
