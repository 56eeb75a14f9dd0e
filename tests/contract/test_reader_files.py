"""Files that are no document at all, or none that two readers would read alike; refused in one line.

All are written by hand, so that the line numbers here are nobody's output.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.documents import refusal

# Files that are no document: the content, then what stands after the file's name.
UNREADABLE = {
    "empty file": (b"", ":1: the document is empty; expected a mapping; write an OpenAPI document"),
    "a list": (b"- a\n- b\n", ':1: ["a", "b"]; expected a mapping; write an OpenAPI document'),
    "a sentence": (b"\n\nhello\n", ':3: "hello"; expected a mapping; write an OpenAPI document'),
    "not YAML": (
        b"openapi: 3.1.1\ninfo: {\npaths: }\n  x\n",
        ":4: not YAML (did not find expected key); expected a YAML document; correct it",
    ),
    "a tab for indentation": (
        b"openapi: 3.1.1\ninfo:\n\ttitle: x\n",
        ":3: not YAML (found character that cannot start any token); expected a YAML document; correct it",
    ),
    "bad UTF-8": (
        b"openapi: 3.1.1\ninfo:\n  title: caf\xe9\n",
        ":3: byte 0xe9 is not UTF-8; expected a YAML document in UTF-8; save it as UTF-8",
    ),
    "a control character": (
        b"openapi: 3.1.1\ninfo: \x07\n",
        ":2: not YAML (control characters are not allowed); expected a YAML document; correct it",
    ),
    "two documents": (
        b"openapi: 3.1.1\n---\na: 1\n",
        ":2: not YAML (but found another document); expected a YAML document; correct it",
    ),
    "an unknown alias": (
        b"openapi: *version\n",
        ":1: not YAML (found undefined alias); expected a YAML document; correct it",
    ),
    "an endless alias": (
        b"openapi: 3.1.1\ninfo: &info {title: *info}\n",
        ":2: not YAML (found unconstructable recursive node); expected a YAML document; correct it",
    ),
    "a tag": (
        b"openapi: !!timestamp 2026-11-21\n",
        ":1: not YAML (the tag tag:yaml.org,2002:timestamp has no place in JSON); expected a YAML document; correct it",
    ),
    "another version": (
        b"openapi: 3.0.3\ninfo: {version: '1'}\npaths: {}\n",
        ':1 /openapi: "3.0.3"; expected OpenAPI 3.1; write openapi: 3.1.1',
    ),
    "a version that is a number": (
        b"info:\n  version: 1.0\nopenapi: 3.1.0\npaths: {}\n",
        ":2 /info/version: 1.0; expected a string; quote it",
    ),
    "no version": (
        b"# a comment\ninfo: {version: '1'}\npaths: {}\n",
        ":2: 'openapi' is missing; expected OpenAPI 3.1; write openapi: 3.1.1",
    ),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_document(name: str, tmp_path: Path) -> None:
    content, expected = UNREADABLE[name]
    path = tmp_path / "openapi.yaml"
    path.write_bytes(content)
    assert refusal(path) == [f"{path}{expected}"]


def test_a_missing_file(tmp_path: Path) -> None:
    path = tmp_path / "nowhere.yaml"
    expected = "there is no such file; expected an OpenAPI document; name another file"
    assert refusal(path) == [f"{path}: {expected}"]


def test_a_folder(tmp_path: Path) -> None:
    expected = "it is a directory; expected an OpenAPI document; name another file"
    assert refusal(tmp_path) == [f"{tmp_path}: {expected}"]


ABYSSES = {"brackets": "[" * 5000 + "]" * 5000, "many brackets": "[" * 200_000, "dashes": "- " * 200_000}


@pytest.mark.parametrize("abyss", ABYSSES.values(), ids=ABYSSES)
def test_an_abyss_is_refused(abyss: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(abyss, encoding="utf-8")
    assert refusal(path) == [f"{path}:1: it is nested too deeply; expected a YAML document; make it flatter"]


REPEATED_KEY = """\
openapi: 3.1.1
info:
  title: A
  version: "1"
  title: B
paths:
  /a:
    get:
      operationId: a
      responses:
        200:
          description: Fine.
"""


def test_keys_that_readers_would_not_agree_on(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(REPEATED_KEY, encoding="utf-8")
    problems = [problem for problem in refusal(path) if "x-" not in problem]
    assert problems == [
        f"{path}:5 /info/title: the key 'title' came before on line 3; expected each key once; remove one",
        f"{path}:11 /paths/~1a/get/responses/200: the key 200 is not text; expected a text; write '200'",
    ]


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_bytes(b"# " + b"x" * 8_000_000)
    assert refusal(path) == [
        f"{path}: it is larger than 8000000 bytes; expected a smaller document; leave out what nobody needs"
    ]


# Each line stands for ten of the line before: the last one for a billion places, in 400 bytes.
LAUGHS = "\n".join(["a0: &a0 [lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10))])


def test_aliases_that_stand_for_a_billion_places(tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(LAUGHS, encoding="utf-8")
    [problem] = refusal(path)
    assert problem.startswith(f"{path}:7: it has more than 500000 keys and items, those of aliases included; ")


@pytest.mark.parametrize("number", ["9" * 5000, "1e999", "-1e999"], ids=["digits", "exponent", "negative"])
def test_a_number_that_json_readers_cannot_hold(number: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(f"openapi: 3.1.1\ninfo: {{version: {number}}}\n", encoding="utf-8")
    problem = "not YAML (a number too large for JSON readers); expected a YAML document; correct it"
    assert refusal(path) == [f"{path}:2: {problem}"]
