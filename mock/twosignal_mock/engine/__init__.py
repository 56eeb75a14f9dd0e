"""Serves any contract; names nothing of any API."""
