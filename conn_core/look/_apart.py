"""Whether a service's consent page and what receives its codes are of one owner.

A description may borrow the consent page that everybody knows and send what comes of it
somewhere else. That some services really do use two domains is why this is said and not
refused.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .._services import Service

#: Where codes, secrets and tokens are sent to.
_RECEIVING = ("token_endpoint", "revocation_endpoint", "device_authorization_endpoint")


class _Suffixes(Protocol):
    def privatesuffix(self, domain: str) -> str | None:
        """Return the part of a name that somebody has registered."""


def addresses_apart(service: "Service") -> str:
    """Say to whom codes and secrets go where that is not who asks for consent.

    Args:
        service: A service that somebody described.

    Returns:
        A sentence; empty where there is nothing to say, as of those that ship with us.
    """
    asking = _host(service.authorization_endpoint)
    if service.predefined or not asking:
        return ""
    elsewhere = ", ".join(dict.fromkeys(_receivers_apart(service, asking)))
    if not elsewhere:
        return ""
    return (
        f"Consent is asked for at {asking}, and codes and secrets go to {elsewhere}. "
        "Go on if you trust both"
    )


def _receivers_apart(service: "Service", asking: str) -> Iterator[str]:
    for member in _RECEIVING:
        host = _host(getattr(service, member))
        if host and _owner(host) != _owner(asking):
            yield host


def _host(url: str | None) -> str:
    return urlsplit(url or "").hostname or ""


def _owner(host: str) -> str:
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> _Suffixes:
    from publicsuffixlist import (  # noqa: PLC0415 - a large list, for this alone
        PublicSuffixList,
    )

    found: _Suffixes = PublicSuffixList()
    return found
