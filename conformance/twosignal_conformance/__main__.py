"""`python -m twosignal_conformance`: the same as the command `twosignal-conformance`."""

from twosignal_conformance._command import main

if __name__ == "__main__":
    main()
