"""Evaluators that look at the text itself: contains, exact match, starts and ends with, length, regular expressions."""

from __future__ import annotations

from twosignal_mock.apis.rest.evaluators._patterns import compile_pattern, stands_in
from twosignal_mock.apis.rest.evaluators._values import Config, Subject, Verdict

NOTHING_EXPECTED = Verdict(0.0, False, "nothing is expected: send expectedOutput")


def contains(subject: Subject, config: Config) -> Verdict:
    """Whether one of the values, or with mode `all` every one, stands in the output; `negate` turns it round."""
    value = config["value"]
    values = [value] if isinstance(value, str) else value
    text = fold(subject, subject.text, config)
    subject.spend(len(values) * (len(text) // 2 + 1))
    wanted = (item if config["case_sensitive"] else item.casefold() for item in values)
    found = (all if config["mode"] == "all" else any)(item in text for item in wanted)
    which = "every value" if config["mode"] == "all" else "a value"
    return Verdict.of(found is not config["negate"], f"{which} {'stands' if found else 'does not stand'} in the output")


def exact_match(subject: Subject, config: Config) -> Verdict:
    """Whether the output equals the expected one; 0 when nothing is expected."""
    if subject.expected is None:
        return NOTHING_EXPECTED
    subject.spend(2 * (len(subject.text) + len(subject.expected)))
    output, expected = (_normalise(fold(subject, text, config), config) for text in (subject.text, subject.expected))
    return Verdict.of(output == expected, "the output is not the expected one")


def starts_with(subject: Subject, config: Config) -> Verdict:
    """Whether the output begins with the value; 0 when there is no value."""
    text, value = _trimmed(subject, config)
    return Verdict.of(value != "" and text.startswith(value), "the output does not begin with the value")


def ends_with(subject: Subject, config: Config) -> Verdict:
    """Whether the output ends with the value; 0 when there is no value. Mirrors starts_with: its page is not known."""
    text, value = _trimmed(subject, config)
    return Verdict.of(value != "" and text.endswith(value), "the output does not end with the value")


def length(subject: Subject, config: Config) -> Verdict:
    """Whether the number of characters (code points) or words (between blanks) is from min to max, both included."""
    unit, least, most = config["unit"], config["min"], config.get("max")
    count = len(subject.text) if unit == "chars" else subject.remember("words", lambda: len(subject.text.split()))
    allowed = f"{least} or more" if most is None else f"{least} to {most}"
    passed = least <= count and (most is None or count <= most)
    return Verdict(float(passed), passed, f"{count} {_UNITS[unit]}, allowed are {allowed}")


_UNITS = {"chars": "characters", "words": "words"}


def fold(subject: Subject, text: str, config: Config) -> str:
    """The text without regard to case, unless the configuration regards it."""
    return text if config["case_sensitive"] else subject.remember(("folded", text), text.casefold)


def _normalise(text: str, config: Config) -> str:
    """Blanks at the ends cut, and those between words made one, as the configuration asks."""
    trimmed = text.strip() if config["trim"] else text
    if not config["normalize_whitespace"]:
        return trimmed
    joined = " ".join(trimmed.split())
    return joined if config["trim"] else f"{_blank(text[:1])}{joined}{_blank(text[-1:])}"


def _blank(edge: str) -> str:
    return " " if edge.isspace() else ""


def _trimmed(subject: Subject, config: Config) -> tuple[str, str]:
    text = fold(subject, subject.text, config)
    value = config["value"] if config["case_sensitive"] else config["value"].casefold()
    return (text.strip(), value.strip()) if config["trim"] else (text, value)


def regex_match(subject: Subject, config: Config) -> Verdict:
    """Whether the pattern matches anywhere in the output; `negate` turns it round."""
    found = stands_in(subject, subject.text, compile_pattern(subject, config["pattern"], config["flags"], "pattern"))
    return Verdict.of(
        found is not config["negate"], "the pattern matches" if found else "the pattern matches nowhere in the output"
    )
