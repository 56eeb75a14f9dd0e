"""Loaded by Schemathesis: strings of the format x-cursor are those that the server issued (SWEEP_CURSORS)."""

import os

import schemathesis
from hypothesis import strategies

schemathesis.openapi.format("x-cursor", strategies.sampled_from(os.environ["SWEEP_CURSORS"].split(",")))
