"""Imported once by the process that all runs are forked from: what each of them would otherwise spend its time on."""

import httpx
import pytest
import rich.console
import rich.live
import twosignal_conformance._commands
import twosignal_conformance._judging
import twosignal_conformance._plugin
import twosignal_conformance.apis.dashboard.checks
import twosignal_conformance.apis.rest.checks

__all__ = ["httpx", "pytest", "rich", "twosignal_conformance"]
