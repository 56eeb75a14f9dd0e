"""Layer C: Schemathesis over the document, through our door; and openapi-core as a second opinion on a sample.

Neither gives a verdict on the server: what Schemathesis sees is a finding, and two engines that disagree on the same
exchange are an error of the suite or of the document. Needs the extra `fuzz` of the distribution.

For operators: layer C runs in the profile thorough alone, never read-only. Names, tags and times of what it creates
are made up by the fuzzer, so they carry no run id; the ledger lists each trace, score and template before it is sent,
and at the end how many requests there were. It signs nobody in, calls no evaluators, and sends no method that is not
documented.
"""

from twosignal_conformance.engine.fuzz._fuzzing import Failure, Fuzzing
from twosignal_conformance.engine.fuzz._sample import Sample

__all__ = ["Failure", "Fuzzing", "Sample"]
