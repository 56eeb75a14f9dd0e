"""A stateful mock of the API that `openapi.yaml` describes: it obeys the document and can play every trick in it."""

__all__: list[str] = []
