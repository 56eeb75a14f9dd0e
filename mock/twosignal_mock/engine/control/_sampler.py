"""Fills sandboxes with sample data: every API's own, through its ordinary handlers where it has them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twosignal_mock.engine.api import Call, Project, SampleRequest, SampleWork, ServedApi
from twosignal_mock.engine.sandbox import Sandboxes
from twosignal_mock.engine.store import Store


class Sampler:
    """Puts sample data into projects. Only the rate limit and the records are spared."""

    def __init__(self, apis: Sequence[ServedApi], store: Store, sandboxes: Sandboxes, seed: int) -> None:
        self._apis = apis
        self._store = store
        self._sandboxes = sandboxes
        self._seed = seed

    async def fill(self, project: Project, count: int) -> None:
        """Adds so many samples of each API; the same for the same seed, name of the project, count and instant."""
        now = self._sandboxes.of(project).clock.now() // 1000
        for served in self._apis:
            sample = served.api.sample
            if sample is not None:
                for parts in sample(served.contract, count, f"{self._seed} {project.name}", now):
                    await self._store_all(served, project, parts)

    async def _store_all(
        self, served: ServedApi, project: Project, parts: Sequence[SampleRequest | SampleWork]
    ) -> None:
        new_id = self._sandboxes.of(project).new_id

        def work(transaction: Any) -> None:
            for part in parts:
                if isinstance(part, SampleRequest):
                    call = Call(part.operation_id, project, part.received, new_id, body=part.body)
                    served.handlers[part.operation_id].handle(call, transaction)
                else:
                    part(transaction)

        await self._store.write(project.number, work)
