"""API keys: in a header, the query or a form; one or several."""

from .._services import CredentialField
from ._typed import Typed


class ApiKey(Typed):
    """An API key. The first field is the key in its place; others go where the service's
    ``api_headers`` and ``api_query`` name them.
    """

    _usual = (CredentialField(name="api_key", display_name="API key"),)
