"""Bearer tokens that a person copies from a provider's page (RFC 6750)."""

from .._services import CredentialField
from ._typed import Typed


class Bearer(Typed):
    """A token that lives until its provider or its owner ends it."""

    _usual = (CredentialField(name="token", display_name="Token"),)
