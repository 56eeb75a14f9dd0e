"""Files that are no document at all, or none that two readers would read alike; refused by both loaders alike.

All are written by hand, so that the line numbers here are nobody's output.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.contract.documents import Loader, both_loaders

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


@both_loaders
@pytest.mark.parametrize("name", UNREADABLE)
def test_a_file_that_is_no_document(loader: Loader, name: str, tmp_path: Path) -> None:
    content, expected = UNREADABLE[name]
    path = tmp_path / "openapi.yaml"
    path.write_bytes(content)
    assert loader.refusal(path) == [f"{path}{expected}"]


@both_loaders
def test_a_missing_file(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "nowhere.yaml"
    expected = "there is no such file; expected an OpenAPI document; name another file with --contract"
    assert loader.refusal(path) == [f"{path}: {expected}"]


@both_loaders
def test_a_folder(loader: Loader, tmp_path: Path) -> None:
    expected = "it is a directory; expected an OpenAPI document; name another file with --contract"
    assert loader.refusal(tmp_path) == [f"{tmp_path}: {expected}"]


ABYSSES = {"brackets": "[" * 5000 + "]" * 5000, "many brackets": "[" * 200_000, "dashes": "- " * 200_000}


@both_loaders
@pytest.mark.parametrize("abyss", ABYSSES.values(), ids=ABYSSES)
def test_an_abyss_is_refused(loader: Loader, abyss: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(abyss, encoding="utf-8")
    assert loader.refusal(path) == [f"{path}:1: it is nested too deeply; expected a YAML document; make it flatter"]


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


@both_loaders
def test_keys_that_readers_would_not_agree_on(loader: Loader, tmp_path: Path) -> None:
    path = tmp_path / "openapi.yaml"
    path.write_text(REPEATED_KEY, encoding="utf-8")
    problems = [problem for problem in loader.refusal(path) if "x-" not in problem]
    assert problems == [
        f"{path}:5 /info/title: the key 'title' came before on line 3; expected each key once; remove one",
        f"{path}:11 /paths/~1a/get/responses/200: the key 200 is not text; expected a text; write '200'",
    ]
