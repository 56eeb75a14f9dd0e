"""Checks of the toy API."""
