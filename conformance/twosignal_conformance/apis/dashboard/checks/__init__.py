"""Layer A: directed checks, one module `test_<area>.py` for each area of the contract.

What a check needs is imported from here. `desk` is what nearly all begin with: it calls procedures and waits until a
list shows something. `people` signs in, `rest` speaks to the REST API beside, `stage` is what the checks share.
"""

from twosignal_conformance.apis.dashboard.checks.data import ABSENT, TestData
from twosignal_conformance.apis.dashboard.checks.desk import Desk
from twosignal_conformance.engine.api_client import MISSING, ApiClient, Exchange, Key
from twosignal_conformance.engine.judgement import Judge, covers, watches

__all__ = ["ABSENT", "MISSING", "ApiClient", "Desk", "Exchange", "Judge", "Key", "TestData", "covers", "watches"]
