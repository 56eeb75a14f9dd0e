"""The documentation's examples, and the little that must be changed for them to reach a mock."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml

HOST = "https://api.2signal.dev"
"""The host of all examples."""
KEYS = ("ts_your_api_key", "2s_live_your_key", "ts_...")
"""The keys of all examples."""


@dataclass(frozen=True)
class Snippet:
    """One example; what the fields mean stands at the top of snippets.yaml."""

    name: str
    seed: str
    kind: Literal["curl", "python", "request", "body", "answer", "http-answer"]
    text: str
    flattened: bool = False

    @property
    def stored(self) -> str:
        """The text as the stored page has it."""
        return "\n".join(line.lstrip() for line in self.text.split("\n")) if self.flattened else self.text

    @property
    def json(self) -> Any:
        """The JSON in it, which ends the text."""
        return json.loads(self.text[self.text.index("{") :])

    def aimed_at(self, url: str, api_key: str | None) -> str:
        """The text with only host and key changed; None leaves the key as it is."""
        text = self.text.replace(HOST, url)
        for key in KEYS if api_key is not None else ():
            text = text.replace(f"Bearer {key}", f"Bearer {api_key}")
        return text


SNIPPETS = {
    entry["name"]: Snippet(**entry)
    for entry in yaml.safe_load(Path(__file__).with_name("snippets.yaml").read_text(encoding="utf-8"))
}


def shown(name: str) -> Any:
    """The JSON of an example."""
    return SNIPPETS[name].json


@dataclass(frozen=True)
class Printed:
    """What curl printed: the answer's body, and its status."""

    status: int
    body: Any


@dataclass(frozen=True)
class Curl:
    """Runs the real curl as a shell does. What more a test wants to see stands in curl's own configuration file."""

    folder: Path

    def __call__(self, command: str) -> Printed:
        """Run one example."""
        surroundings = {"PATH": os.environ["PATH"], "CURL_HOME": str(self.folder), "NO_PROXY": "127.0.0.1"}
        (self.folder / ".curlrc").write_text('silent\nshow-error\nwrite-out = "\\n%{http_code}"\n', encoding="utf-8")
        ended = subprocess.run(
            ["sh", "-c", command], env=surroundings, capture_output=True, text=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended.stderr
        body, _, status = ended.stdout.rpartition("\n")
        return Printed(int(status), json.loads(body))
