"""Makes the Python client importable as it lies in its folder, without installing it, and the modules that generate."""

import sys
from pathlib import Path

CLIENTS = Path(__file__).parents[2] / "generated_clients"

sys.path[:0] = [str(CLIENTS / "python"), str(CLIENTS)]
