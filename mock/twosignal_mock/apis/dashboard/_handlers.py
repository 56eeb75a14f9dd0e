"""The handlers of all procedures: one way for each of them, driven by x-dashboard-procedures.

Who calls, what the input names, whether the caller's role allows it; then the action, and the envelope of its result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from twosignal_contract import Contract

from twosignal_mock.apis.dashboard import _configuration, _organizations, _traces
from twosignal_mock.apis.dashboard._dialects import is_spelled_so
from twosignal_mock.apis.dashboard._envelope import unwrap, wrap
from twosignal_mock.apis.dashboard._procedure_call import Action, Actions, ProcedureCall
from twosignal_mock.apis.dashboard._rules import Procedure, Rules
from twosignal_mock.apis.dashboard._visible_organizations import VisibleOrganizations
from twosignal_mock.apis.rest.sessions import session_of_access
from twosignal_mock.apis.rest.store import repositories_of
from twosignal_mock.engine.api import ApiError, Call, Dependencies, Handler
from twosignal_mock.engine.store import Transaction, User

_ACTIONS: tuple[Actions, ...] = (_organizations.actions, _traces.actions, _configuration.actions)


def handlers(contract: Contract, dependencies: Dependencies) -> Iterator[Handler]:
    """One for every procedure; two spellings of one procedure have one action."""
    rules = Rules.read(contract)
    actions = {name: action for each in _ACTIONS for name, action in each(contract, dependencies).items()}
    spelled = is_spelled_so(dependencies.dialects, rules)
    for name, operation in contract.operations.items():
        procedure = rules.procedures[name]
        action = actions[procedure.same_as or name]
        handle: Callable[[Call, Transaction], object] = partial(_carry_out, procedure, action, rules, dependencies)
        if not spelled(name):
            handle = partial(_refuse, operation.path)
        parameters = tuple(parameter.name for parameter in operation.parameters)
        yield Handler(name, handle, parameters, writes=action.writes, accounts=action.accounts)


def _carry_out(
    procedure: Procedure,
    action: Action,
    rules: Rules,
    dependencies: Dependencies,
    call: Call,
    transaction: Transaction,
) -> object:
    person = _person(call, transaction, dependencies)
    envelope: Mapping[str, Any] | None = next(iter(call.parameters.values()), call.body)
    sent = unwrap(envelope)
    visible = VisibleOrganizations(
        call, transaction, person, tuple(dependencies.users.users_of(call.project.id)), rules
    )
    access = visible.access(procedure, sent)
    asked = ProcedureCall(call, transaction, sent, person, visible, access, rules, dependencies)
    return wrap(action.run(asked))


def _person(call: Call, transaction: Transaction, dependencies: Dependencies) -> User:
    """Who calls, by the access token alone; raises ApiError."""
    if call.token is None:
        raise ApiError("missing-session")
    token = session_of_access(call.token, dependencies.token_secret, call.now)
    # The transaction is on the project that the token names: a session of another sandbox is none here.
    session = None if token is None else repositories_of(transaction).sessions.find(token.session)
    user = None if session is None else dependencies.users.find_user_by_id(session.user)
    if user is None:
        raise ApiError("invalid-session")
    return user


def _refuse(path: str, _call: Call, _transaction: Transaction) -> object:
    """A spelling that the chosen dialect does not know."""
    raise ApiError("unknown-endpoint", path=path)
