"""Security, a part of the engine: who calls, by the security schemes of the contract. Names no API."""

from twosignal_mock.engine.security._callers import LONGEST_KEY, Admission, Caller, Callers, find_scheme_problems

__all__ = ["LONGEST_KEY", "Admission", "Caller", "Callers", "find_scheme_problems"]
