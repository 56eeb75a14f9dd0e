"""The dashboard API of 2Signal under tRPC: checks, a model and how its servers are spoken to."""
