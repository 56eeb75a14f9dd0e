"""Layer C: Schemathesis over the document, through our door; and openapi-core as a second opinion on a sample.

Neither gives a verdict on the server: what Schemathesis sees is a finding, and two engines that disagree on the same
exchange are an error of the suite or of the document. Needs the extra `fuzz` of the distribution.
"""
