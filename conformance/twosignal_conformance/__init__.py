"""The conformance suite: judges servers and clients by `openapi.yaml`, reaching them by URL only."""

__all__: list[str] = []
