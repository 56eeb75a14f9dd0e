"""The servers that are measured: what each is, how it is started, and the process once it runs."""

from bench.servers._installing import install
from bench.servers._pinning import Pinning, pinning
from bench.servers._process import Server, ServerError, free_port
from bench.servers._subjects import DURABLE, KEY, MEMORY, OURS, Command, Missing, Start, Subject, ours_at, subjects

__all__ = [
    "DURABLE",
    "KEY",
    "MEMORY",
    "OURS",
    "Command",
    "Missing",
    "Pinning",
    "Server",
    "ServerError",
    "Start",
    "Subject",
    "free_port",
    "install",
    "ours_at",
    "pinning",
    "subjects",
]
