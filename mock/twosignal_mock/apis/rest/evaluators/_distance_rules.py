"""Evaluators that tell how close two texts are: Levenshtein letter by letter, similarity by the terms they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from math import log, sqrt

from rapidfuzz.distance import Levenshtein

from twosignal_mock.apis.rest.evaluators._text_rules import NOTHING_EXPECTED, fold
from twosignal_mock.apis.rest.evaluators._values import Config, Subject, Verdict

_CELLS_IN_A_STEP = 64
"""Pairs of letters that the bit-parallel algorithm compares in one machine word (Myers 1999, Hyyro 2003)."""
_WORD_STEPS = 30
"""For each character that is cut into words, counted and weighed: 120 ns at most."""
_NGRAM_STEPS = 150
"""For each character of a text cut into n-grams, each of which becomes a string; bounds memory to some 100 MB too."""


def levenshtein(subject: Subject, config: Config) -> Verdict:
    """1 minus the edit distance over the longer length, rounded to two places; passes from the threshold on."""
    if subject.expected is None:
        return NOTHING_EXPECTED
    texts = (fold(subject, subject.text, config), fold(subject, subject.expected, config))
    score = subject.remember(("levenshtein", config["case_sensitive"]), lambda: _closeness(subject, *texts))
    return _judge(score, config["threshold"])


def similarity(subject: Subject, config: Config) -> Verdict:
    """The cosine of the TF-IDF vectors of the two texts, rounded to four places; passes from the threshold on.

    Texts are compared without regard to case. A term weighs count * (ln((1 + 2) / (1 + texts that have it)) + 1), the
    smoothed form of scikit-learn: over two texts the plain one would weigh every common term 0. Equal texts have 1,
    texts without a common term 0.
    """
    if subject.expected is None:
        return NOTHING_EXPECTED
    tokenizer, size = config["tokenizer"], config["ngram_size"]
    insensitive = {"case_sensitive": False}
    texts = (fold(subject, subject.text, insensitive), fold(subject, subject.expected, insensitive))
    key = ("similarity", tokenizer, size)
    score = subject.remember(key, lambda: _cosine(subject, texts, tokenizer, size))
    return _judge(score, config["threshold"])


def _judge(score: float, threshold: float) -> Verdict:
    return Verdict(score, score >= threshold, f"score {score}, needed is {threshold}")


def _closeness(subject: Subject, output: str, expected: str) -> float:
    if output == expected:
        return 1.0
    subject.spend(len(output) * len(expected) // _CELLS_IN_A_STEP + len(output) + len(expected))
    return round(1 - Levenshtein.distance(output, expected) / max(len(output), len(expected)), 2)


def _cosine(subject: Subject, texts: tuple[str, str], tokenizer: str, size: int) -> float:
    if texts[0] == texts[1]:
        return 1.0
    steps = _WORD_STEPS if tokenizer == "word" else _NGRAM_STEPS + 2 * size
    subject.spend(steps * (len(texts[0]) + len(texts[1])))
    output, expected = (Counter(_TOKENIZERS[tokenizer](text, size)) for text in texts)
    shared = output.keys() & expected.keys()
    if not shared:
        return 0.0
    # The weight of a term is 1 in both texts, and `_LONE` in one; multiplied out instead of stored for each.
    product = sum(output[term] * expected[term] for term in sorted(shared))
    return round(min(1.0, product / (_length(output, shared) * _length(expected, shared))), 4)


_LONE = log(3 / 2) + 1
"""Inverse document frequency of a term that one of the two texts has; one that both have weighs ln(3 / 3) + 1 = 1."""


def _length(counts: Mapping[str, int], shared: set[str]) -> float:
    common = sum(counts[term] ** 2 for term in shared)
    lone = sum(count**2 for count in counts.values()) - common
    return sqrt(common + lone * _LONE**2)


_TERM = re.compile(r"\w+")

_TOKENIZERS: Mapping[str, Callable[[str, int], Iterable[str]]] = {
    "word": lambda text, size: _TERM.findall(text),
    # A text shorter than one n-gram is a term as a whole.
    "char_ngram": lambda text, size: (text[start : start + size] for start in range(max(1, len(text) - size + 1))),
}
"""By the `tokenizer` of a configuration: the terms of a text."""
