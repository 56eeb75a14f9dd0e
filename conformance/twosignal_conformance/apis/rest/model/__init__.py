"""Layer B: a Hypothesis state machine beside a model of its own, for what only shows when requests interleave.

The model is written from the clauses; it knows no server. Needs the extra `fuzz` of the distribution.
"""
