"""Layer C: Schemathesis over the document, through our door; and openapi-core as a second opinion on a sample.

Neither gives a verdict on the server: what Schemathesis sees is a finding, and two engines that disagree on the same
exchange are an error of the suite or of the document. Needs the extra `fuzz` of the distribution.

For operators: layer C runs in the profile thorough alone, never read-only. The fuzzer makes up what it creates, so that
carries no run id; the ledger lists each thing before it is sent, and at the end how many requests there were. No method
is sent that is not documented, and nothing that changes something without a key.
"""

from twosignal_conformance.engine.fuzz._fuzzing import Failure, Fuzzing
from twosignal_conformance.engine.fuzz._sample import Sample

__all__ = ["Failure", "Fuzzing", "Sample"]
