"""Speed, measured beside what people would use instead. `python -m bench --help`; the rules are in README.md."""
