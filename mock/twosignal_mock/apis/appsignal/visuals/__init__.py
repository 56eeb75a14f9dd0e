"""Saved visuals: made over the control API, shown as JSON and as CSV."""

from twosignal_mock.apis.appsignal.visuals._control import list_visuals, put_visual
from twosignal_mock.apis.appsignal.visuals._handlers import handlers

__all__ = ["handlers", "list_visuals", "put_visual"]
