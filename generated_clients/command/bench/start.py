"""Measures how long `twosignal --help` takes: the median of many starts, in milliseconds.

python generated_clients/command/bench/start.py [COMMAND]
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

_STARTS = 30


def main() -> None:
    """Prints one line."""
    command = [*(sys.argv[1:] or ["twosignal"]), "--help"]
    times = []
    for _ in range(_STARTS):
        start = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        times.append((time.perf_counter() - start) * 1000)
    print(f"{' '.join(command)}: {statistics.median(times):.0f} ms (least {min(times):.0f}, {_STARTS} starts)")


if __name__ == "__main__":
    main()
