"""How to obtain a consent from here, and why so."""

from typing import Literal, NamedTuple

from .._services import Service

Flow = Literal["browser", "device", "paste", "none"]


class Choice(NamedTuple):
    """A way to obtain a consent.

    Attributes:
        flow: ``browser``: the provider sends the browser back to us. ``device``: a code
            is typed on any device. ``paste``: the address that the browser was sent to
            is pasted here. ``none``: nobody has to consent.
        reason: One sentence for people.
    """

    flow: Flow
    reason: str


def choose_flow(
    service: Service, *, can_come_back: bool, browser_is_elsewhere: bool
) -> Choice:
    """Choose how to obtain a consent.

    Args:
        service: The service.
        can_come_back: A browser can reach our callback page.
        browser_is_elsewhere: Where we run there is no browser, as over SSH.
    """
    name = service.name
    if service.auth_type not in {"oauth1", "oauth2"}:
        return Choice("none", f"{name} wants a key, not a consent")
    if service.auth_type == "oauth2" and service.grant_type == "client_credentials":
        return Choice(
            "none", f"{name} knows the client alone, so nobody has to consent"
        )
    if service.grant_type == "device_code":
        return Choice("device", f"{name} gives consent by a code only")
    if can_come_back:
        return Choice("browser", "The browser can come back to this server")
    by_code = service.auth_type == "oauth2" and service.device_authorization_endpoint
    where = "The browser is on another machine" if browser_is_elsewhere else "No server"
    if by_code:
        return Choice("device", f"{where} is here to come back to")
    return Choice(
        "paste", f"{where} is here to come back to, and {name} offers no code"
    )
