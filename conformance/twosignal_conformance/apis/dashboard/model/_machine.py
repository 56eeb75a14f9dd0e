"""The state machine: rules that Hypothesis puts in any order. Imports Hypothesis, so only when it is installed.

Which rules may follow depends on the model alone, never on a response: a server cannot lead Hypothesis astray.
"""

from __future__ import annotations

import hashlib
import sys

from hypothesis import HealthCheck, Phase, Verbosity, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from twosignal_conformance.apis.dashboard.checks.desk import Kind
from twosignal_conformance.apis.dashboard.model._world import KINDS, MOST_THINGS, Session, ViolationError, World

_INDEX = st.integers(0, 11)
"""Which of the things that there are, modulo their number."""


class Machine(RuleBasedStateMachine):
    """An owner and another person at work in one project."""

    def __init__(self, session: Session, roles: tuple[str, ...]) -> None:
        super().__init__()
        self.world = World(session)
        self.roles = roles
        """Of the other person; empty when there is nobody."""

    def _alive(self) -> bool:
        return any(thing.there for thing in self.world.things)

    def _room(self) -> bool:
        return len(self.world.things) < MOST_THINGS

    @precondition(lambda self: bool(self.roles))
    @rule(index=st.integers(0, 3))
    def set_role(self, index: int) -> None:
        """Another role, or none."""
        choices = (None, *self.roles)
        self.world.set_role(choices[index % len(choices)])

    @precondition(_room)
    @rule(by_other=st.booleans(), kind=st.sampled_from(KINDS))
    def create(self, by_other: bool, kind: Kind) -> None:
        """Something new."""
        self.world.create(by_other and bool(self.roles), kind)

    @precondition(_alive)
    @rule(by_other=st.booleans(), index=_INDEX, ends=st.booleans())
    def change(self, by_other: bool, index: int, ends: bool) -> None:
        """Something that is there."""
        self.world.change(by_other and bool(self.roles), index, ends=ends)

    @rule(by_other=st.booleans(), kind=st.sampled_from(KINDS))
    def read(self, by_other: bool, kind: Kind) -> None:
        """A list."""
        self.world.read(by_other and bool(self.roles), kind)

    @rule()
    def use_keys(self) -> None:
        """At the REST API."""
        self.world.use_keys()

    @rule()
    def verify(self) -> None:
        """Compare everything with the model."""
        self.world.verify()

    def teardown(self) -> None:
        """At its end each role is tried and everything compared; not when it ended because something was found."""
        if sys.exc_info()[0] is not None:
            return
        for kind in KINDS:
            self.world.create(False, kind)
        for role in (*self.roles, None) if self.roles else ():
            self.world.set_role(role)
            self.world.read(True, KINDS[0])
            for index, kind in enumerate(KINDS):
                self.world.create(True, kind)
                self.world.change(True, index, ends=False)
            self.world.change(True, 0, ends=True)
            self.world.verify()
        self.world.use_keys()
        self.world.verify()


def run_machine(session: Session, roles: tuple[str, ...]) -> None:
    """Run as many examples as the effort allows; the session knows what was found."""
    own = session.desk.client.settings
    number = int.from_bytes(hashlib.sha256(f"{own.seed}/{own.run_id}/model".encode()).digest()[:8], "big")

    class Own(Machine):
        def __init__(self) -> None:
            super().__init__(session, roles)

    configured = settings(
        max_examples=session.effort.examples,
        stateful_step_count=session.effort.steps,
        # Nothing of an earlier run, no clock and no setting of the machine decides what is sent.
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
        verbosity=Verbosity.quiet,
        print_blob=False,
    )
    try:
        run_state_machine_as_test(seeded(number)(Own), settings=configured)
    except (ViolationError, Flaky):
        # The session has the shortest sequence. When its bounds are reached nothing is sent any more, so that what
        # failed passes, which Hypothesis calls flaky.
        return
