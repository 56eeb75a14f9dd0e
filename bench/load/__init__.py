"""Load: requests as bytes, workloads as tables, and the two generators that send them."""

from bench.load._autocannon import Autocannon
from bench.load._bodies import batch, native_pair, otlp_export
from bench.load._one import OneAtATime
from bench.load._outcome import LoadError, Outcome
from bench.load._population import COMMON_TAG, OTHER_TAG, WORDS, Population, Share, newest_trace
from bench.load._request import SLOT, Request, fresh_serials
from bench.load._workloads import JUDGES, LIST_SIZE, LONGER, SEEDED, Workload, list_request, workloads
from bench.load._wrk import Wrk

__all__ = [
    "COMMON_TAG",
    "JUDGES",
    "LIST_SIZE",
    "LONGER",
    "OTHER_TAG",
    "SEEDED",
    "SLOT",
    "WORDS",
    "Autocannon",
    "LoadError",
    "OneAtATime",
    "Outcome",
    "Population",
    "Request",
    "Share",
    "Workload",
    "Wrk",
    "batch",
    "fresh_serials",
    "list_request",
    "native_pair",
    "newest_trace",
    "otlp_export",
    "workloads",
]
