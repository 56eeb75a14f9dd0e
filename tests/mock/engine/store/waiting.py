"""Waits for background work, which tells nobody when it is done."""

import asyncio
from collections.abc import Awaitable, Callable, Sized

_PATIENCE = 10
"""Seconds; the work takes milliseconds."""


async def until_empty(look: Callable[[], Awaitable[Sized]]) -> None:
    """Returns once `look` finds nothing; fails when that takes too long."""
    async with asyncio.timeout(_PATIENCE):
        while len(await look()) > 0:  # noqa: ASYNC110 - see the top of the file
            await asyncio.sleep(0.001)
