"""Judges by any contract; names nothing of any API."""
