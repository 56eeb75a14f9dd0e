"""The evaluator that runs a regular expression, in time that grows with the output and never explodes.

RE2 knows no backtracking, so a pattern cannot run away; but it may read each byte once for each of its instructions
(20 s were measured for `((a?){30}){30}b` on 1 MB). So the product of both is paid for before the pattern runs.
"""

from __future__ import annotations

from typing import Any

import re2  # type: ignore[import-untyped] # it ships no types

from twosignal_mock.apis.rest.evaluators._values import Config, EvaluatorError, Subject, Verdict

_MOST_MEMORY = 1 << 20
"""Bytes for a compiled pattern and what it remembers while it runs; a pattern that needs more is refused."""
_FLAGS = "ims"
"""Letters that mean something here. g and y tell where a next match begins, and u is always on."""


def regex_match(subject: Subject, config: Config) -> Verdict:
    """Whether the pattern matches anywhere in the output; `negate` turns it round."""
    pattern = _compile(config["pattern"], config["flags"])
    encoded = subject.remember("bytes", subject.text.encode)
    subject.spend(pattern.programsize * (len(encoded) + 1))
    found = pattern.search(encoded) is not None
    return Verdict.of(
        found is not config["negate"], "the pattern matches" if found else "the pattern matches nowhere in the output"
    )


def forget_patterns() -> None:
    """Frees what RE2's Python wrapper keeps of every pattern: they came from outside and may not pile up."""
    re2.purge()


def _compile(pattern: str, flags: str) -> Any:
    options = re2.Options()
    options.max_mem = _MOST_MEMORY
    options.log_errors = False
    letters = "".join(letter for letter in _FLAGS if letter in flags)
    try:
        return re2.compile(f"{f'(?{letters})' if letters else ''}{pattern}".encode(), options)
    except re2.error as error:
        problem = f"is not a regular expression of RE2: {_message(error)}; backreferences and lookaround are not run"
        raise EvaluatorError(".config.pattern", problem) from error


def _message(error: Exception) -> str:
    text = error.args[0] if error.args else "no reason"
    return text.decode(errors="replace") if isinstance(text, bytes) else str(text)
