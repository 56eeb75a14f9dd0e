"""`python -m twosignal_contract`."""

from twosignal_contract._command import main

main()
