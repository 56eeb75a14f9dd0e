"""Found by `pytest --pyargs twosignal_conformance`: the plugin of the suite, for those who start it with pytest."""

from twosignal_conformance._plugin import (
    client,
    data,
    fuzzing,
    judge,
    pytest_collection_modifyitems,
    pytest_configure,
    pytest_make_collect_report,
    pytest_pycollect_makeitem,
    pytest_runtest_call,
    pytest_runtest_makereport,
    pytest_runtest_setup,
    pytest_runtestloop,
    sample,
)
from twosignal_conformance._pytest_report import pytest_report_collectionfinish, pytest_terminal_summary

__all__ = [
    "client",
    "data",
    "fuzzing",
    "judge",
    "pytest_collection_modifyitems",
    "pytest_configure",
    "pytest_make_collect_report",
    "pytest_pycollect_makeitem",
    "pytest_report_collectionfinish",
    "pytest_runtest_call",
    "pytest_runtest_makereport",
    "pytest_runtest_setup",
    "pytest_runtestloop",
    "pytest_terminal_summary",
    "sample",
]
