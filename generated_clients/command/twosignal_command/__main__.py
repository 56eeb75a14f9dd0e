"""`python -m twosignal_command`."""

from ._program import main

main()
