"""Who may ask: projects, their API keys and users. Looked up in memory, changed through the store, kept by it."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

from twosignal_mock.engine.store._accounts import KeyRecord, Project, ProjectRecord, UserRecord
from twosignal_mock.engine.store._credentials import ApiKey, Credentials, TakenError, User
from twosignal_mock.engine.store._interface import Reader, Store, Transaction
from twosignal_mock.engine.store._passwords import NOBODY, digest_password, password_fits
from twosignal_mock.engine.store._sweeper import Sweeper

UNKEYED = "unkeyed"
"""Id of the reserved project that requests without a known key belong to."""

_TAIL = 4
"""Characters of a key that people may see."""


class ProjectRegistry:
    """All projects with their keys and users; made by `open`."""

    def __init__(self, store: Store, *, key_prefix: str) -> None:
        self._store = store
        self._key_prefix = key_prefix
        self._changing = asyncio.Lock()
        self._sweeper = Sweeper(store)
        self._projects: dict[str, Project] = {}
        self._keys: dict[str, KeyRecord] = {}
        self._users: dict[str, User] = {}
        self.version = 0
        """Grows with every change of a project or a key: what was found before may be kept while it stays."""

    @classmethod
    async def open(cls, store: Store, *, plan: str, key_prefix: str = "") -> ProjectRegistry:
        """What the store knows. `plan` is that of the project UNKEYED; made keys begin with `key_prefix`."""
        registry = cls(store, key_prefix=key_prefix)
        await registry._load()
        if UNKEYED not in registry._projects:
            await registry._add_project(UNKEYED, UNKEYED, plan)
        await registry.sweep_left_over()
        return registry

    def find_key(self, key: str) -> ApiKey | None:
        """The key as it was issued. Found by its digest, so that the time tells nothing of the keys that exist."""
        record = self._keys.get(_digest(key))
        return None if record is None else ApiKey(self._projects[record.project_id], record.revoked, record.tail)

    def project(self, project_id: str) -> Project | None:
        """The project with this id."""
        return self._projects.get(project_id)

    def projects(self) -> tuple[Project, ...]:
        """All projects, UNKEYED among them."""
        return tuple(self._projects.values())

    def keys(self, project_id: str) -> tuple[ApiKey, ...]:
        """The keys of a project, revoked ones too."""
        project = self._projects[project_id]
        mine = [record for record in self._keys.values() if record.project_id == project_id]
        return tuple(ApiKey(project, record.revoked, record.tail) for record in mine)

    def find_user(self, email: str) -> User | None:
        """Who signs in with this e-mail address, upper and lower case alike."""
        return self._users.get(_fold(email))

    def find_user_by_id(self, user_id: str) -> User | None:
        """The user with this id."""
        return next((user for user in self._users.values() if user.id == user_id), None)

    def sign_in(self, email: str, password: str) -> User | None:
        """The user of this e-mail if the password is theirs; None takes as long, whichever of the two is wrong."""
        user = self.find_user(email)
        if user is None:
            password_fits(password, *NOBODY)
            return None
        return user if password_fits(password, user.salt, user.password_digest) else None

    async def create_project(
        self,
        *,
        plan: str,
        name: str | None = None,
        api_key: str | None = None,
        email: str | None = None,
        password: str | None = None,
    ) -> Credentials:
        """A new project with one key and one user; what is not given is made. Raises TakenError, and makes nothing."""
        api_key = self._new_key() if api_key is None else api_key
        email = f"user-{secrets.token_hex(6)}@example.com" if email is None else email
        password = secrets.token_urlsafe(12) if password is None else password
        async with self._changing:
            self._refuse_taken_key(api_key)
            if _fold(email) in self._users:
                raise TakenError("email", email)
            number = await self._next_number()
            project = Project(number, str(uuid.uuid4()), name or f"project-{number}", plan)
            key = _key_record(api_key, project.id)
            user = _user(email, password, project.id)

            def work(transaction: Transaction) -> None:
                transaction.accounts.save_project(_record(project))
                transaction.accounts.save_key(key)
                transaction.accounts.save_user(_user_record(user))

            await self._store.write(number, work)
            self._projects[project.id] = project
            self._keys[key.digest] = key
            self._users[_fold(email)] = user
            self.version += 1
        return Credentials(project, api_key, email, password)

    async def add_key(self, project_id: str, key: str | None = None) -> str:
        """A further key of a project, made when it is not given. Raises TakenError; KeyError for an unknown project."""
        key = self._new_key() if key is None else key
        async with self._changing:
            self._refuse_taken_key(key)
            await self._save_key(_key_record(key, self._projects[project_id].id))
        return key

    async def revoke_key(self, project_id: str, key: str) -> bool:
        """Makes a key of the project useless; whether it has such a key."""
        async with self._changing:
            record = self._keys.get(_digest(key))
            if record is None or record.project_id != project_id:
                return False
            await self._save_key(record._replace(revoked=True))
        return True

    async def reset_project(self, project_id: str) -> Project:
        """The project without its data: same id, keys and users, another number. Raises KeyError for an unknown one."""
        return await self._renumber(project_id, await self._next_number())

    async def refill_project(self, project_id: str, fill: Callable[[int], Awaitable[object]]) -> Project:
        """The project with the data that `fill` writes under a number, in place of its own; may take a while.

        When that raises, nothing changes. KeyError for an unknown project.
        """
        async with self.new_rows() as number:
            await fill(number)
            return await self._renumber(project_id, number)

    @asynccontextmanager
    async def new_rows(self) -> AsyncIterator[int]:
        """A fresh number to put rows under: they are swept only if they have no owner at the end."""
        number = await self._next_number()
        async with self._sweeper.spare(number):
            yield number

    async def _renumber(self, project_id: str, number: int) -> Project:
        async with self._changing:
            old = self._projects[project_id]
            project = replace(old, number=number)
            await self._store.write(number, lambda transaction: transaction.accounts.save_project(_record(project)))
            self._projects[project_id] = project
            self.version += 1
        self._sweeper.sweep(old.number)
        return project

    async def drop_project(self, project_id: str) -> bool:
        """Forgets a project, its keys, users, snapshots and data; whether there was one. UNKEYED stays."""
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

    async def close(self) -> None:
        """Stops removing old rows; what is left is removed after the next start."""
        await self._sweeper.close()

    async def _load(self) -> None:
        def work(reader: Reader) -> None:
            self._projects = {
                row.id: Project(row.number, row.id, row.name, row.plan) for row in reader.accounts.projects()
            }
            self._keys = {row.digest: row for row in reader.accounts.api_keys()}
            self._users = {
                _fold(row.email): User(row.id, row.email, row.password_digest, row.salt, row.project_id)
                for row in reader.accounts.users()
            }

        await self._store.read(0, work)

    async def sweep_left_over(self) -> None:
        """Removes rows of numbers that nobody has any more."""
        await self._sweeper.sweep_left_over()

    async def _next_number(self) -> int:
        return await self._store.write(0, lambda transaction: transaction.accounts.next_number())

    async def _add_project(self, project_id: str, name: str, plan: str) -> None:
        project = Project(await self._next_number(), project_id, name, plan)
        await self._store.write(project.number, lambda transaction: transaction.accounts.save_project(_record(project)))
        self._projects[project_id] = project
        self.version += 1

    async def _save_key(self, record: KeyRecord) -> None:
        await self._store.write(0, lambda transaction: transaction.accounts.save_key(record))
        self._keys[record.digest] = record
        self.version += 1

    def _refuse_taken_key(self, key: str) -> None:
        if _digest(key) in self._keys:
            raise TakenError("api_key", f"...{key[-_TAIL:]}")

    def _new_key(self) -> str:
        return self._key_prefix + secrets.token_hex(16)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _fold(email: str) -> str:
    return email.strip().lower()


def _record(project: Project) -> ProjectRecord:
    return ProjectRecord(project.id, project.number, project.name, project.plan)


def _key_record(key: str, project_id: str) -> KeyRecord:
    return KeyRecord(_digest(key), project_id, key[-_TAIL:], revoked=False)


def _user(email: str, password: str, project_id: str) -> User:
    salt = secrets.token_hex(16)
    return User(str(uuid.uuid4()), email, digest_password(password, salt), salt, project_id)


def _user_record(user: User) -> UserRecord:
    return UserRecord(user.id, user.email, user.password_digest, user.salt, user.project_id)
