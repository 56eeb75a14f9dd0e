"""Pods of Kubernetes in the store: what is known of them beside their metrics."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, Protocol


class Pod(NamedTuple):
    """A pod, as last reported."""

    site: int
    """The number of its site."""
    namespace: str
    name: str
    node: str
    labels: Mapping[str, str]


class PodStatus(NamedTuple):
    """What a pod was in a minute."""

    site: int
    namespace: str
    name: str
    minute: int
    """Seconds since 1970, a whole minute."""
    status: str


class Pods(Protocol):
    """The pods of a project."""

    def of(self, site: int) -> Sequence[Pod]:
        """The pods of a site, by namespace and name."""
        ...

    def put(self, pod: Pod) -> None:
        """Keeps a pod, in the place of the one with its site, namespace and name if there is one."""
        ...

    def put_status(self, status: PodStatus) -> None:
        """Keeps a status, in the place of the one of that minute if there is one."""
        ...

    def last_status(self, pod: Pod, first: int, last: int) -> str | None:
        """The last status of a pod in some minutes, both ends included; None when there is none."""
        ...

    def all(self) -> Iterable[Pod]:
        """All pods, by site, namespace and name."""
        ...

    def all_statuses(self) -> Iterable[PodStatus]:
        """All statuses, by pod and minute."""
        ...
