"""Sites and log sources, which the control API makes: the AppSignal API itself can only read them."""

from twosignal_mock.apis.appsignal.sites._control import list_sites, put_log_source, put_site, site_of

__all__ = ["list_sites", "put_log_source", "put_site", "site_of"]
