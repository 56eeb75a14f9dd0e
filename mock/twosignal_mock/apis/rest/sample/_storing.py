"""Sends a sample through the ordinary operations, as if clients had sent it over the days."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from twosignal_mock.apis.rest.sample._values import Request
from twosignal_mock.engine.api import Call, Operation, Project

if TYPE_CHECKING:
    from twosignal_mock.engine.store import Transaction


def works(
    requests: Iterable[Request], operations: Mapping[str, Operation], project: Project, new_id: Callable[[], str]
) -> Iterator[Callable[[Transaction], object]]:
    """What has to be written, in this order: a work for each batch, with the scores of its traces.

    Each is fit for Store.write, so that other calls find room between two of them. `operations` by id.
    """
    together: list[Request] = []
    for request in requests:
        if together and request.operation_id == together[0].operation_id:
            yield _work(together, operations, project, new_id)
            together = []
        together.append(request)
    if together:
        yield _work(together, operations, project, new_id)


def _work(
    requests: list[Request], operations: Mapping[str, Operation], project: Project, new_id: Callable[[], str]
) -> Callable[[Transaction], object]:
    def work(transaction: Transaction) -> None:
        for request in requests:
            call = Call(request.operation_id, project, request.received, new_id, body=request.body)
            operations[request.operation_id].handle(call, transaction)

    return work
