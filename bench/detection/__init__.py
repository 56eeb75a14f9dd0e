"""How well the judge judges: broken servers it catches, legal ones it leaves alone, Schemathesis beside it."""
