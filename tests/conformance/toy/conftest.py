"""The checks of the toy API are run by the suite, not by the tests of this repository."""

collect_ignore = ["checks"]
