"""All clients that err, by name."""

from tests.conformance.clients.broken.mistakes import asking, delivering, leeway, paging, retrying, telling
from tests.conformance.clients.broken.mistakes.mistake import Mistake

MISTAKES = {row.name: row for part in (retrying, delivering, paging, asking, telling, leeway) for row in part.ROWS}

__all__ = ["MISTAKES", "Mistake"]
