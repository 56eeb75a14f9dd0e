"""Prints what --plan-requests found: each request under the check that would send it."""

from __future__ import annotations

import sys
from collections import Counter
from itertools import groupby

from twosignal_conformance.engine.api_client import ApiClient


def print_plan(client: ApiClient) -> None:
    """A line for each kind of request of a check, with how often and how many bytes of bodies; then the totals."""
    settings = client.settings
    for check, requests in groupby(client.planned, key=lambda row: row.purpose):
        rows = list(requests)
        print(check)
        counts = Counter((row.method, row.path) for row in rows)
        for (method, path), count in counts.items():
            size = sum(row.bytes for row in rows if (row.method, row.path) == (method, path))
            print(f"  {count:>5} {method:7} {path}" + (f"  {size:,} bytes" if size else ""))
    spent = client.budget.spent
    print(f"\nprofile {settings.profile}, seed {settings.seed}, run {settings.run_id}: {spent}, if every response is a")
    print("success as documented. Polls, pages and waits depend on the server. At most would be sent:")
    print(f"{client.budget.most}")
    print("Nothing was sent.")
    sys.stdout.flush()
