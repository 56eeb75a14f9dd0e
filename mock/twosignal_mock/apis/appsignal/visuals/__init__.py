"""Saved visuals: made over the control API, shown as JSON and as CSV."""

from twosignal_mock.apis.appsignal.visuals._control import list_visuals, put_visual
from twosignal_mock.apis.appsignal.visuals._handlers import handlers
from twosignal_mock.apis.appsignal.visuals._table import table_of

__all__ = ["handlers", "list_visuals", "put_visual", "table_of"]
