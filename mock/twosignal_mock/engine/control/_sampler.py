"""Fills sandboxes with sample data: every API's own, through its ordinary handlers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from twosignal_mock.engine.api import Call, Project, SampleRequest, ServedApi
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
                for requests in sample(served.contract, count, f"{self._seed} {project.name}", now):
                    await self._store_all(served, project, requests)

    async def _store_all(self, served: ServedApi, project: Project, requests: Sequence[SampleRequest]) -> None:
        new_id = self._sandboxes.of(project).new_id

        def work(transaction: Any) -> None:
            for operation_id, body, received in requests:
                call = Call(operation_id, project, received, new_id, body=body)
                served.handlers[operation_id].handle(call, transaction)

        await self._store.write(project.number, work)
