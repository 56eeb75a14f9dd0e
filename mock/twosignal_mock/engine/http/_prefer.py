"""The header Prefer (RFC 7240) of one request: trouble to order without a rule, as Prism takes it.

`Prefer: code=429` gives the error answer of that status without carrying out the request; `Prefer: delay=250` gives the
right answer 250 milliseconds later. What is not understood is ignored, as preferences are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST_DELAY = 60_000
"""Milliseconds; longer ones are cut to it, so that nobody parks connections for hours."""

_PREFERENCE = re.compile(r'\s*(code|delay)\s*=\s*"?([0-9]{1,9})"?\s*', re.IGNORECASE)
_SEPARATOR = re.compile(r"[,;]")


@dataclass(frozen=True, slots=True)
class Preference:
    """What one request asked for."""

    code: int | None = None
    """Status."""
    delay: int | None = None
    """Milliseconds."""

    def applied(self) -> bytes:
        """The value of Preference-Applied."""
        parts = [("code", self.code), ("delay", self.delay)]
        return ", ".join(f"{name}={value}" for name, value in parts if value is not None).encode()


def parse_prefer(value: bytes, statuses: frozenset[int]) -> Preference | None:
    """The preference in a header value; only codes of `statuses` are known. None when nothing in it can be honoured."""
    found: dict[str, int] = {}
    for part in _SEPARATOR.split(value.decode("latin-1")):
        if match := _PREFERENCE.fullmatch(part):
            # RFC 7240 section 2: of a preference that stands twice the first counts.
            found.setdefault(match.group(1).lower(), int(match.group(2)))
    code = found.get("code")
    delay = found.get("delay")
    preference = Preference(
        code=code if code in statuses else None, delay=None if delay is None else min(delay, LONGEST_DELAY)
    )
    return preference if preference != Preference() else None
