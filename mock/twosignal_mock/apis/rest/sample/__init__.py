"""Sample data: traces as an agent would send them, so that a page or a report under construction has something to show.

Not a resource: it only makes requests, and sends them through the ordinary operations.
"""

from twosignal_mock.apis.rest.sample._generation import generate
from twosignal_mock.apis.rest.sample._storing import works
from twosignal_mock.apis.rest.sample._values import Request

__all__ = ["Request", "generate", "works"]
