"""All shapes of requests and responses, from the contract."""

from twosignal_client.generated.models import *  # noqa: F403 - the list is generated, too
from twosignal_client.generated.models import __all__  # noqa: F401 - of this module, too
