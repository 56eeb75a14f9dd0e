"""Which projects, API keys and users exist. They are found in memory, changed through the store, and kept by it."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace

from twosignal_mock.engine.store._accounts import KeyRecord, Project, User, fold_email
from twosignal_mock.engine.store._credentials import (
    ApiKey,
    Credentials,
    key_digest,
    key_record,
    key_tail,
    new_user,
    password_fits,
)
from twosignal_mock.engine.store._interface import Store, Transaction
from twosignal_mock.engine.store._sweeper import Sweeper

UNKEYED = "unkeyed"
"""Id of the reserved project that requests without a known key belong to."""


class ProjectRegistry:
    """All projects with their keys and users; made by `open`.

    Look-ups are answered from a copy in this process, so that no request waits for them. The store decides what is
    taken already, so several registries may share a store. Each sees what the others changed after its `refresh`: a
    process that shares its database calls it when another process says that something changed.
    """

    def __init__(self, store: Store, *, key_prefix: str, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self._key_prefix = key_prefix
        self._changing = asyncio.Lock()
        self._sweeper = Sweeper(store)
        self._projects: dict[str, Project] = {}
        self._keys: dict[str, KeyRecord] = {}
        self._users: dict[str, User] = {}
        self.version = 0
        """Grows with every change of a project or a key: what was found before may be kept while it stays."""
        self._tails = (-1, frozenset[str]())
        """The ends of all keys, as of a version."""

    @classmethod
    async def open(
        cls, store: Store, *, plan: str, key_prefix: str = "", now: Callable[[], int] = lambda: 0
    ) -> ProjectRegistry:
        """What the store knows. `plan` is that of the project UNKEYED; made keys begin with `key_prefix`.

        `now`: what the clock of a new sandbox shows, milliseconds since 1970.
        """
        registry = cls(store, key_prefix=key_prefix, now=now)
        await registry.refresh()
        if UNKEYED not in registry._projects:
            await registry._add_unkeyed(plan)
        await registry.sweep_left_over()
        return registry

    async def refresh(self) -> None:
        """Reads everything from the store again; the rows of projects that are gone are removed."""
        async with self._changing:
            projects, keys, users = await self._store.read(0, _all_accounts)
            gone = {each.number for each in self._projects.values()} - {each.number for each in projects}
            self._projects = {project.id: project for project in projects}
            self._keys = {key.digest: key for key in keys}
            self._users = {fold_email(user.email): user for user in users}
            self.version += 1
        for number in gone:
            self._sweeper.sweep(number)

    def find_key(self, key: str) -> ApiKey | None:
        """The key as it was issued."""
        record = self._keys.get(key_digest(key))
        return None if record is None else self._shown(record)

    def is_key(self, text: str) -> bool:
        """True for every key, also a revoked one. For nearly all other texts it costs no digest."""
        version, tails = self._tails
        if version != self.version:
            tails = frozenset(record.tail for record in self._keys.values())
            self._tails = self.version, tails
        return key_tail(text) in tails and key_digest(text) in self._keys

    def project(self, project_id: str) -> Project | None:
        """The project with this id."""
        return self._projects.get(project_id)

    def projects(self) -> tuple[Project, ...]:
        """All projects, UNKEYED among them."""
        return tuple(self._projects.values())

    def keys(self, project_id: str) -> tuple[ApiKey, ...]:
        """The keys of a project, revoked ones too."""
        return tuple(self._shown(record) for record in self._keys.values() if record.project_id == project_id)

    def users_of(self, project_id: str) -> tuple[User, ...]:
        """The users of a project, oldest first."""
        return tuple(user for user in self._users.values() if user.project_id == project_id)

    def find_user(self, email: str) -> User | None:
        """The user with this e-mail address, upper and lower case alike."""
        return self._users.get(fold_email(email))

    def find_user_by_id(self, user_id: str) -> User | None:
        """The user with this id."""
        return next((user for user in self._users.values() if user.id == user_id), None)

    def sign_in(self, email: str, password: str) -> User | None:
        """The user of this e-mail if the password is theirs; None takes as long, whichever of the two is wrong."""
        user = self.find_user(email)
        return user if password_fits(password, user) else None

    async def create_project(
        self,
        *,
        plan: str,
        name: str | None = None,
        api_key: str | None = None,
        email: str | None = None,
        password: str | None = None,
        fill: Callable[[Project], Awaitable[object]] | None = None,
    ) -> Credentials:
        """A new project with one key and one user; what is not given is made. Raises TakenError, and makes nothing.

        `fill` writes the project's first data, before anybody can find it.
        """
        api_key = self.new_key() if api_key is None else api_key
        email = f"user-{secrets.token_hex(6)}@example.com" if email is None else email
        password = secrets.token_urlsafe(12) if password is None else password
        async with AsyncExitStack() as stack:
            number = await (self._next_number() if fill is None else stack.enter_async_context(self.new_rows()))
            project = Project(number, str(uuid.uuid4()), name or f"project-{number}", plan, created=self._now())
            if fill is not None:
                await fill(project)
            await stack.enter_async_context(self._changing)
            key = key_record(api_key, project.id, project.created)
            user = new_user(email, password, project.id)

            def work(transaction: Transaction) -> None:
                transaction.accounts.save_project(project)
                transaction.accounts.add_key(key)
                transaction.accounts.add_user(user)

            await self._store.write(number, work)
            self._projects[project.id] = project
            self._keys[key.digest] = key
            self._users[fold_email(email)] = user
            self.version += 1
        return Credentials(project, api_key, email, password)

    async def add_user(
        self, project_id: str, email: str | None = None, password: str | None = None
    ) -> tuple[User, str]:
        """A further user of a project, with the password; what is not given is made. Raises TakenError."""
        email = f"user-{secrets.token_hex(6)}@example.com" if email is None else email
        password = secrets.token_urlsafe(12) if password is None else password
        user = new_user(email, password, project_id)
        async with self._changing:
            await self._store.write(0, lambda transaction: transaction.accounts.add_user(user))
            self._users[fold_email(email)] = user
        return user, password

    async def add_key(self, project_id: str, key: str | None = None, now: int | None = None) -> str:
        """A further key of a project, made when it is not given. Raises TakenError; KeyError for an unknown project.

        `now` in milliseconds since 1970; None: as a new sandbox's clock shows.
        """
        key = self.new_key() if key is None else key
        async with self._changing:
            record = key_record(key, self._projects[project_id].id, self._now() if now is None else now)
            await self._store.write(0, lambda transaction: transaction.accounts.add_key(record))
            self._keys[record.digest] = record
            self.version += 1
        return key

    async def revoke_key(self, project_id: str, key: str, now: int | None = None) -> bool:
        """Makes a key of the project useless. False when the project has no such key."""
        now = self._now() if now is None else now
        async with self._changing:
            record = self._keys.get(key_digest(key))
            if record is None or record.project_id != project_id:
                return False
            await self._store.write(0, lambda transaction: transaction.accounts.revoke_key(record.digest, now))
            self._keys[record.digest] = record._replace(revoked=True, ended=now)
            self.version += 1
        return True

    async def reset_project(self, project_id: str) -> Project:
        """The project without its data, under a fresh number. KeyError for an unknown project.

        Projects that share its sandbox are gone.
        """
        for project in self.sharing(project_id):
            await self.drop_project(project.id)
        return await self._renumber(project_id, await self._next_number())

    async def refill_project(self, project_id: str, fill: Callable[[int], Awaitable[object]]) -> Project:
        """The project with the data that `fill` writes under a number, in place of its own; may take a while.

        When `fill` raises, nothing changes. KeyError for an unknown project.
        """
        async with self.new_rows() as number:
            await fill(number)
            return await self._renumber(project_id, number)

    @asynccontextmanager
    async def new_rows(self) -> AsyncIterator[int]:
        """A fresh number to put rows under. They are removed when nothing owns the number at the end."""
        number = await self._next_number()
        async with self._sweeper.spare(number):
            yield number

    def sharing(self, project_id: str) -> tuple[Project, ...]:
        """The projects that share the sandbox of a project."""
        return tuple(project for project in self._projects.values() if project.home == project_id)

    async def drop_project(self, project_id: str) -> bool:
        """Forgets a project, its keys, users, snapshots and data. False when there was none. UNKEYED stays.

        So are projects that share its sandbox.
        """
        for shared in self.sharing(project_id):
            await self.drop_project(shared.id)
        async with self._changing:
            project = self._projects.get(project_id)
            if project is None or project_id == UNKEYED:
                return False
            await self._store.write(project.number, lambda transaction: transaction.accounts.drop_project(project_id))
            del self._projects[project_id]
            self._keys = {digest: key for digest, key in self._keys.items() if key.project_id != project_id}
            self._users = {email: user for email, user in self._users.items() if user.project_id != project_id}
            self.version += 1
        await self.sweep_left_over()
        return True

    async def sweep_left_over(self) -> None:
        """Begins to remove the rows of numbers that no project and no snapshot has any more."""
        await self._sweeper.sweep_left_over()

    def new_key(self) -> str:
        """A key that nobody can guess."""
        return self._key_prefix + secrets.token_hex(16)

    async def keep_uses(self, uses: Mapping[str, int]) -> None:
        """Stores when keys were last used: digest to milliseconds since 1970."""

        def work(transaction: Transaction) -> None:
            for digest, used in uses.items():
                transaction.accounts.use_key(digest, used)

        await self._store.write(0, work)

    async def close(self) -> None:
        """Stops removing old rows; the rest is removed after the next start."""
        await self._sweeper.close()

    def _shown(self, record: KeyRecord) -> ApiKey:
        return ApiKey(self._projects[record.project_id], record.revoked, record.tail)

    async def _renumber(self, project_id: str, number: int) -> Project:
        async with self._changing:
            old = self._projects[project_id]
            project = await self._save(replace(old, number=number))
        self._sweeper.sweep(old.number)
        return project

    async def _add_unkeyed(self, plan: str) -> None:
        async with self._changing:
            await self._save(Project(await self._next_number(), UNKEYED, UNKEYED, plan))

    async def _save(self, project: Project) -> Project:
        await self._store.write(project.number, lambda transaction: transaction.accounts.save_project(project))
        self._projects[project.id] = project
        self.version += 1
        return project

    async def _next_number(self) -> int:
        return await self._store.write(0, lambda transaction: transaction.accounts.next_number())


def _all_accounts(transaction: Transaction) -> tuple[Sequence[Project], Sequence[KeyRecord], Sequence[User]]:
    accounts = transaction.accounts
    return accounts.projects(), accounts.api_keys(), accounts.users()
