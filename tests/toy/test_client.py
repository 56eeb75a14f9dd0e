"""The Python generator makes a client of the contract, with no edit; the client talks to the mock."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from twosignal_mock import MockServer

from tests.clients.runners import CLIENTS, copy_client
from tests.toy.installation import CARD, DOCUMENT

pytestmark = pytest.mark.xdist_group("toy")

USE = """
import json, sys
import httpx
from twosignal_client.lamps.generated import models, operations

url, card = sys.argv[1:]
found = []
with httpx.Client(base_url=url, params={"card": card}, trust_env=False) as client:
    def send(operation, **parts):
        sent = operation.request(**parts)
        cookies = sent.pop("cookies", {})
        headers = sent.pop("headers", {}) | {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        response = client.request(operation.METHOD, sent.pop("path"), headers=headers, **sent)
        found.append(response.status_code)
        return response

    for lamp, colour in ((1, "red"), (2, "white"), (1, "white")):
        colour = models.SwitchLampColour(colour)
        response = send(operations.switch_lamp, lamp_id=lamp, x_brightness=10 * lamp, colour=colour)
        assert operations.switch_lamp.read(response.json()) == models.Lamp(id=lamp, brightness=10 * lamp, colour=colour)
    found.append(operations.export_lamps.read(send(operations.export_lamps).text))
print(json.dumps(found))
"""


def test_a_client_is_generated_and_talks_to_the_mock(server: MockServer, tmp_path: Path) -> None:
    client = copy_client("python", tmp_path)
    command = [sys.executable, str(CLIENTS / "generate.py"), "--contract", str(DOCUMENT)]
    command += ["--package", "lamps", "--output", str(tmp_path), "python"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    (client / "twosignal_client" / "lamps" / "__init__.py").write_text("", encoding="utf-8")
    use = [sys.executable, "-c", USE, server.url, CARD]
    done = subprocess.run(use, cwd=client, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [201, 201, 200, 200, "id,brightness\r\n1,10\r\n2,20\r\n"]
