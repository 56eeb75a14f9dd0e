"""Makes the Python client importable as it lies in its folder, without installing it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "generated_clients" / "python"))
