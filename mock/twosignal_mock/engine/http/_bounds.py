"""What one client may cost: bytes, seconds and connections. None of it is the contract's; all of it is ours."""

from __future__ import annotations

from dataclasses import dataclass

KIBIBYTE = 1024
MEBIBYTE = 1024 * KIBIBYTE


@dataclass(frozen=True, slots=True)
class Bounds:
    """The bounds of a server. A test may tighten them."""

    head: int = 32 * KIBIBYTE
    """Bytes of the request line and all headers. Twice what nginx takes (4 buffers of 8 KiB hold one line each)."""
    connections: int = 1000
    """Open at once; one more is told 503 and closed. Each idle one costs some 10 KiB and a file descriptor."""
    head_seconds: float = 10
    """From the first byte of a request to the end of its headers."""
    body_seconds: float = 30
    """Without a byte of the body, or of the answer being read."""
    body_total_seconds: float = 300
    """For a whole body, however steadily it drips."""
    idle_seconds: float = 75
    """Between two requests of a connection; as nginx."""
    drain_bytes: int = 256 * MEBIBYTE
    """Read and thrown away after a refusal, so that a client that only listens when it has spoken sees its 413."""
    drain_seconds: float = 15
    """For the same."""
