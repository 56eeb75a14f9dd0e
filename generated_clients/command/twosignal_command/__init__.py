"""The `twosignal` command: a client of the dashboard's API in a terminal. Only its version is public."""

__all__ = ["version"]


def version() -> str:
    """The version of the installed package; `0` where it runs from a folder."""
    from importlib import metadata  # takes as long as all the rest of a start

    try:
        return metadata.version("twosignal-command")
    except metadata.PackageNotFoundError:
        return "0"
