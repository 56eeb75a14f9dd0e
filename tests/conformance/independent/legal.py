"""Odd but legal servers once more, with the independent server behind: the suite was not tuned to that pair."""

from tests.conformance.apis.rest.broken.proxy import Proxy
from tests.conformance.apis.rest.legal.judging import Verdict, judge_legal_at, plan_behind
from tests.conformance.apis.rest.legal.servers import ODD, Legal

from .trials import people, sources
from .warm import serving

SERVERS = tuple(server for server in ODD if not server.mock)
"""Those that ask for no option of the mock."""


def judge_odd(server: Legal, proxy: Proxy, seed: int, profile: str = "quick") -> Verdict:
    """What the suite says of one of them."""
    plan = plan_behind(server)
    with serving(sources(), plan) as url:
        return judge_legal_at(server, url, people(plan), proxy, seed, profile)
