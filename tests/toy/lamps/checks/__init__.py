"""The checks of the API; the suite runs them, and no test run of ours collects them."""
