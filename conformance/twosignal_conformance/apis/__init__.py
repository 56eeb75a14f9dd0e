"""The checks, models and test data of each API; one package each, and none imports another."""
