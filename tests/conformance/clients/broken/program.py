"""COMMAND of `twosignal-conformance client`: does a scenario with the client that a name stands for.

python program.py LAW NAME        LAW: the contract as JSON; NAME: of a mistake or an oddity, or `careful`
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tests.conformance.clients.broken.actions import NotSupportedError, perform
from tests.conformance.clients.broken.careful import Careful, Settings
from tests.conformance.clients.broken.contract import Contract
from tests.conformance.clients.broken.mistakes import MISTAKES
from tests.conformance.clients.broken.oddities import ODDITIES

NOT_SUPPORTED = 64

CLIENTS = {"careful": Careful, **ODDITIES, **{name: row.client for name, row in MISTAKES.items()}}


def main() -> int:
    """Reads the scenario, prints the results; the exit code."""
    contract, name = Contract.read(Path(sys.argv[1])), sys.argv[2]
    environment = (os.environ[f"TWOSIGNAL_{part}"] for part in ("BASE_URL", "API_KEY", "EMAIL", "PASSWORD"))
    client = CLIENTS[name](contract, Settings(*environment))
    try:
        results = [perform(client, action) for action in json.load(sys.stdin)["do"]]
    except NotSupportedError as error:
        print(error, file=sys.stderr)
        return NOT_SUPPORTED
    print(json.dumps({"results": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
