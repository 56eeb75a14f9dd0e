"""Waits for what happens in the background, where nobody tells when it is done."""

import asyncio
from collections.abc import Callable

_PATIENCE = 10
"""Seconds; what is waited for takes milliseconds."""


async def until(condition: Callable[[], bool]) -> None:
    """Returns once the condition holds; fails when it takes too long."""
    async with asyncio.timeout(_PATIENCE):
        while not condition():  # noqa: ASYNC110 - see the top of the file
            await asyncio.sleep(0.001)
