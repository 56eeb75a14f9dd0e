"""The language of log queries: what it means, what it refuses and where, and that nothing in it takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twosignal_mock.apis.appsignal.logs import QueryReader
from twosignal_mock.apis.appsignal.store import Comparison, Junction, Query
from twosignal_mock.engine.api import ApiError

from tests.mock.apis.appsignal.log_queries import LANGUAGE, OPERATORS, QUERIES, write

READER = QueryReader(LANGUAGE)
LIMITS = LANGUAGE["limits"]
SECONDS = 2.0
"""For one query on a busy machine; one of a usual length takes a tenth of a millisecond."""


def read(text: str, *, legacy: bool = False) -> Query:
    return READER.read(text, legacy=legacy)


def refused(text: str, *, legacy: bool = False) -> ApiError:
    with pytest.raises(ApiError) as caught:
        read(text, legacy=legacy)
    return caught.value


def word(text: str) -> Comparison:
    return Comparison("message", "contains", (text,))


@settings(max_examples=200, deadline=None)
@given(QUERIES, st.data())
def test_a_query_is_read_as_it_was_meant_in_every_spelling(query: Query, data: st.DataObject) -> None:
    assert read(write(query, data.draw)) == query


A, B, C, D = (word(letter) for letter in "abcd")
PRECEDENCE = {
    "": Junction("and", ()),
    "  \n\t ": Junction("and", ()),
    "a": A,
    "a b": Junction("and", (A, B)),
    "a AND b": Junction("and", (A, B)),
    "a OR b": Junction("or", (A, B)),
    "a OR b c": Junction("or", (A, Junction("and", (B, C)))),
    "a b OR c AND d": Junction("or", (Junction("and", (A, B)), Junction("and", (C, D)))),
    "(a OR b) c": Junction("and", (Junction("or", (A, B)), C)),
    "a (b OR c)d": Junction("and", (A, Junction("or", (B, C)), D)),
    "(a)(b)": Junction("and", (A, B)),
    "((a) (b (c)))": Junction("and", (A, B, C)),
    "a OR (b OR c)": Junction("or", (A, B, C)),
    "and or": Junction("and", (word("and"), word("or"))),
    '"AND" "OR"': Junction("and", (word("and"), word("or"))),
    "ANDROID ORDER": Junction("and", (word("android"), word("order"))),
    "hello! a!b": Junction("and", (word("hello!"), word("a!b"))),
    "AND=1": Comparison("AND", "equal", ("1",)),
    "x=AND": Comparison("x", "equal", ("AND",)),
    "url=http://h/p?a=b,c>d": Comparison("url", "equal", ("http://h/p?a=b,c>d",)),
    "user.id!=123": Comparison("user.id", "equal", ("123",), negated=True),
    'message!:"Timed out"': Comparison("message", "contains", ("timed out",), negated=True),
    "severity=ERROR": Comparison("severity", "equal", ("error",)),
    "hostname=WEB-1": Comparison("hostname", "equal", ("WEB-1",)),
    "severity=[error, CRITICAL]": Comparison("severity", "equal", ("error", "critical")),
    'x!=[ "a b" ,c]': Comparison("x", "equal", ("a b", "c"), negated=True),
    "duration>=-12.5": Comparison("duration", "greater-or-equal", ("-12.5",)),
    r'x="a \" b \\ c \d"': Comparison("x", "equal", (r'a " b \ c \d',)),
}


@pytest.mark.parametrize("text", PRECEDENCE)
def test_and_binds_tighter_than_or_and_parentheses_tightest(text: str) -> None:
    assert read(text) == PRECEDENCE[text]


@pytest.mark.parametrize("row", OPERATORS, ids=lambda row: str(row["name"]))
def test_every_operator_is_read_without_spaces_only(row: dict[str, str]) -> None:
    sign = row["sign"]
    assert isinstance(read(f"x{sign}5"), Comparison)
    assert refused(f"x {sign}5").values["position"] == 3
    assert refused(f"x{sign} 5").values["position"] == 2


FAULTS = {
    "x=": 3,
    "=5": 1,
    "a OR": 5,
    "OR a": 1,
    "a AND AND b": 7,
    "AND": 1,
    "()": 2,
    "(a": 3,
    "a)": 2,
    "a (b OR c": 10,
    '"abc': 1,
    'x="abc': 3,
    "x>abc": 3,
    'x>"5"': 3,
    "x>1e5": 3,
    "x:[a,b]": 3,
    "[a,b]": 1,
    "x=[]": 4,
    "x=[a": 5,
    "x=[a,]": 6,
    "x=[[a]]": 4,
    "a..b=1": 1,
    ".a=1": 1,
    "ok a.=1": 4,
}


@pytest.mark.parametrize("text", FAULTS)
def test_a_query_that_cannot_be_read_is_refused_with_the_place_of_the_fault(text: str) -> None:
    error = refused(text)
    assert (error.cause, error.values["position"]) == ("invalid-log-query", FAULTS[text])


@pytest.mark.parametrize(
    ("text", "field", "name"),
    [
        ("attributes.status_integer=401", "attributes.status_integer", "status"),
        ("ok OR (a attributes.user.id_string:x)", "attributes.user.id_string", "user.id"),
        ("attributes.a_b_float>1.5", "attributes.a_b_float", "a_b"),
    ],
)
def test_the_legacy_name_of_an_attribute_is_refused_in_expressions_only(text: str, field: str, name: str) -> None:
    error = refused(text)
    assert error.cause == LANGUAGE["legacy"]["cause"]
    assert error.values == {"field": field, "replacement": name}
    assert name in str(read(text, legacy=True))
    assert field not in str(read(text, legacy=True))


@pytest.mark.parametrize(
    "text", ["attributes.status=1", "attributes_integer=1", "x=attributes.a_string", "attributes.a_string"]
)
def test_what_only_looks_like_the_legacy_syntax_is_read(text: str) -> None:
    assert read(text) == read(text, legacy=True)


def hostile() -> list[str]:
    """Queries that are long, deep, or made of what the reader has to look at twice."""
    most, depth, terms = LIMITS["characters"], LIMITS["depth"], LIMITS["terms"]
    pieces = ["(", ")", "[", "]", '"', "\\", "=", "!", "!=", ":", ">", ",", ".", " ", "\0", "a ", "a=", "a=b ", "OR "]
    pieces += ["AND ", "a OR ", "a AND ", '"" ', '"\\', "a=[", "a.b", "é", "😀", "\u202e", "\u0130", "\ud7ff", "\u2028"]
    pieces += ["a\0=\0b ", "_string", "attributes.", "a=[b,c]", "(a OR ", "((", "))", "()", "!:", ">=", "-1", "1."]
    pieces += ["a>1 ", "a<=-1.5 "]
    lengths = (1, 100, most, most + 1)
    repeated = [(piece * most)[:length] for piece in pieces for length in lengths]
    nested = ["(" * n + "a" + ")" * n for n in (depth, depth + 1, most // 3)]
    many = [" ".join(["a=b"] * n) for n in (terms, terms + 1)] + [" OR ".join(["a"] * n) for n in (terms, terms + 1)]
    long = [f"{'a.' * 3000}a=1", "a=" + "b" * (most - 2), f"attributes.{'a_' * 3000}string=1"]
    long += ['"' + '\\"' * 4000 + '"', "a=[" + "b," * 4000 + "b]", "-" * 5000 + ">1", "x>" + "9" * 9000]
    long += ["(" * 40 + "a OR " * 400 + "b" + ")" * 40]
    return repeated + nested + many + long


def outcome(text: str) -> Query | ApiError:
    try:
        return read(text)
    except ApiError as error:
        return error


def check_refusal(text: str, error: ApiError) -> None:
    assert error.cause in ("invalid-log-query", LANGUAGE["legacy"]["cause"])
    position = error.values.get("position", 1)
    assert isinstance(position, int)
    assert 1 <= position <= len(text) + 1
    assert len(str(error.values.get("problem", ""))) < 400


def test_a_hostile_query_is_read_or_refused_in_bounded_time() -> None:
    texts = hostile()
    assert len(texts) >= 180
    for text in texts:
        start = time.monotonic()
        found = outcome(text)
        assert time.monotonic() - start < SECONDS, text[:80]
        if isinstance(found, ApiError):
            check_refusal(text, found)


@pytest.mark.parametrize("limit", LIMITS)
def test_a_query_at_a_limit_is_read_and_one_beyond_is_refused(limit: str) -> None:
    def text(size: int) -> str:
        return {"characters": "a" * size, "depth": "(" * size + "a" + ")" * size, "terms": "a " * size}[limit]

    assert isinstance(read(text(LIMITS[limit])), Comparison | Junction)
    assert refused(text(LIMITS[limit] + 1)).cause == "invalid-log-query"


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('abAND OR()[]"\\=!:<>,.-1 \0é'), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    found = outcome(text)
    if isinstance(found, ApiError):
        check_refusal(text, found)
