"""`python -m twosignal_mock`: the same as the command `twosignal-mock`."""

from twosignal_mock._command import main

if __name__ == "__main__":
    main()
