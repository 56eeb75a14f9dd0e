"""The sites of an account with their log sources. The repository is bound to one project."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol


class Site(NamedTuple):
    """A site as the store keeps it."""

    id: str
    number: int
    """Stands for the site in all other records; from 1 in each project."""
    name: str
    organization: str
    """The name of the organization that owns it."""
    accessible: bool
    """False: the account has it, but the user of the token is no member of its organization."""


class LogSource(NamedTuple):
    """A source of log lines."""

    site: int
    """The number of its site."""
    id: str
    number: int
    """Stands for the source in all other records; from 1 in each project."""
    name: str


class Sites(Protocol):
    """The sites of a project."""

    def all(self) -> Sequence[Site]:
        """All sites, by number."""
        ...

    def find_all(self, ids: Collection[str]) -> Mapping[str, Site]:
        """Those of the sites that are there, by id."""
        ...

    def put(self, site: Site) -> None:
        """Keeps a site, in the place of the one with its id if there is one."""
        ...

    def sources(self) -> Sequence[LogSource]:
        """The log sources of all sites, by number."""
        ...

    def put_source(self, source: LogSource) -> None:
        """Keeps a log source, in the place of the one of its site with its id if there is one."""
        ...
