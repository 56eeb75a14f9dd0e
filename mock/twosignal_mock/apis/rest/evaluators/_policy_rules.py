"""Evaluators that search a text for what must be in it or must not: personal data, and the rules of a house."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from twosignal_mock.apis.rest.evaluators._patterns import Patterns, compile_pattern, count_matches, stands_in
from twosignal_mock.apis.rest.evaluators._values import Config, Subject, Verdict

_STEP = 0.2
"""What each detection of personal data takes from the score, down to 0."""
_MOST_DETECTIONS = 100
"""Of one kind; counted no further, since five bring the score to 0."""
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"

_PERSONAL: Mapping[str, Patterns] = {
    "email": Patterns(r"\b[a-z0-9._%+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}\b"),
    "phone": Patterns(r"(?:\+\d{1,3}[-. ]?)?(?:\(\d{3}\) ?|\b\d{3}[-. ])\d{3}[-. ]\d{4}\b"),
    "ssn": Patterns(r"\b\d{3}-\d{2}-\d{4}\b"),
    "credit_card": Patterns(r"\b(?:\d{4}[- ]?){3}\d{4}\b", r"\b3[47]\d{2}[- ]?\d{6}[- ]?\d{5}\b"),
    "dob": Patterns(
        r"\b(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:19|20)\d{2}\b",
        r"\b(?:born|dob|date of birth|birth ?date|birthday)\b[^0-9\n]{0,20}(?:19|20)\d{2}-\d{2}-\d{2}\b",
    ),
    "ip_address": Patterns(rf"\b{_OCTET}\.{_OCTET}\.{_OCTET}\.{_OCTET}\b"),
}
_MASKED: Mapping[str, Patterns] = {
    "email": Patterns(r"[a-z0-9]?\*{2,}[a-z0-9]?@[a-z0-9*.-]+"),
    "phone": Patterns(r"[*x]{3}[-. ][*x]{3}[-. ]\d{4}\b"),
    "ssn": Patterns(r"[*x]{3}-[*x]{2}-\d{4}\b"),
    "credit_card": Patterns(r"(?:[*x]{4}[- ]?){3}\d{4}\b"),
}
"""Personal data of which a part is left. The documentation shows no form: these are ours."""


def pii_detection(subject: Subject, config: Config) -> Verdict:
    """1 minus 0.2 for each detection of personal data, not below 0; any detection fails."""
    text = subject.checked(config["check"])
    counts: dict[str, int] = {}
    for kind in dict.fromkeys(config.get("pii_types", _PERSONAL)):
        counts[kind] = _PERSONAL[kind].count(subject, text, _MOST_DETECTIONS)
        if not config["allow_redacted"] and kind in _MASKED:
            counts[kind] += _MASKED[kind].count(subject, text, _MOST_DETECTIONS)
    for index, pattern in enumerate(config["custom_patterns"]):
        place = f"custom_patterns[{index}]"
        compiled = compile_pattern(subject, pattern, "i", place)
        counts[place] = count_matches(subject, text, compiled, _MOST_DETECTIONS)
    total = sum(counts.values())
    found = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    return Verdict(max(0.0, round(1 - _STEP * total, 2)), not total, f"found: {found}" if total else "nothing found")


_Check = Callable[[Subject, str, str, str, bool], bool]


def _has_phrase(subject: Subject, text: str, phrase: str, place: str, case_sensitive: bool) -> bool:
    del place
    subject.spend(len(text) // 2 + len(phrase) + 1)
    if case_sensitive:
        return phrase in text
    return phrase.casefold() in subject.remember(("folded", text), text.casefold)


def _has_pattern(subject: Subject, text: str, pattern: str, place: str, case_sensitive: bool) -> bool:
    return stands_in(subject, text, compile_pattern(subject, pattern, "" if case_sensitive else "i", place))


_RULES: Mapping[str, tuple[_Check, bool]] = {
    "required_phrases": (_has_phrase, True),
    "prohibited_phrases": (_has_phrase, False),
    "required_patterns": (_has_pattern, True),
    "prohibited_patterns": (_has_pattern, False),
}
"""By key of the configuration: what looks for one of its rules, and whether it must be found."""
_MOST_BROKEN = 5


def compliance_check(subject: Subject, config: Config) -> Verdict:
    """The share of the rules that the text keeps, to four places; passes when it keeps all. Without rules it is 1."""
    text = subject.checked(config["check"])
    broken, total = [], 0
    for key, (check, wanted) in _RULES.items():
        for index, rule in enumerate(config[key]):
            total += 1
            place = f"{key}[{index}]"
            if check(subject, text, rule, place, config["case_sensitive"]) is not wanted:
                broken.append(place)
    score = 1.0 if not total else round(1 - len(broken) / total, 4)
    kept = f"{total - len(broken)} of {total} rules are kept"
    return Verdict(score, not broken, f"{kept}, not {', '.join(broken[:_MOST_BROKEN])}" if broken else kept)
