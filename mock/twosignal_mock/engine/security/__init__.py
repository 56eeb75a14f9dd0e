"""Security, a part of the engine: who calls, by the security schemes of the contract. Names no API."""

from twosignal_mock.engine.security._callers import Admission, Caller, Callers, OpenSandbox, find_scheme_problems

__all__ = ["Admission", "Caller", "Callers", "OpenSandbox", "find_scheme_problems"]
