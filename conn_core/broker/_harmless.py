"""The one call of a service that changes nothing and tells as whom it came."""

from typing import Any
from urllib.parse import urlsplit

from .. import auth
from .._services import Service
from .._urls import host_matches
from .._values import AccessToken
from ..errors import HostNotAllowed, InvalidInput
from ._workshop import Workshop

_PORTS = {"https": 443, "http": 80}
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
#: Less time than that is none.
_SHORTEST = 0.1


def harmless_call(
    workshop: Workshop,
    service: Service,
    token: AccessToken,
    *,
    sign: auth.Sign | None = None,
    timeout: float | None = None,
) -> Any:
    """Make a service's one harmless call with a credential.

    Args:
        workshop: The way out.
        service: The service, as it was authorized.
        token: What a client would get.
        sign: Signs the call where we sign.
        timeout: Seconds to wait for the answer, where not as long as usual.

    Raises:
        InvalidInput: If the service names no such call.
        HostNotAllowed: If the service's own address is not among its hosts.
        ProviderUnavailable: If there is no answer.
    """
    if service.test_path is None:
        raise InvalidInput(
            f"{service.name} names no address that is harmless to call",
            "Call one of your own in a %%connection cell",
        )
    url = service.api_base_url.rstrip("/") + service.test_path
    _refuse_unlisted_host(service, url)
    request = auth.apply(
        token, _bare_request(service, url), now=workshop.clock(), sign=sign
    )
    seconds = None if timeout is None else max(timeout, _SHORTEST)
    if request.method == "GET":
        return workshop.provider.get(
            request.url, headers=request.headers, timeout=seconds
        )
    return workshop.provider.send(
        request.method,
        request.url,
        headers=request.headers,
        content=request.body or b"",
        timeout=seconds,
    )


def _bare_request(service: Service, url: str) -> auth.Outgoing:
    """Return the request without its credential; only a form can carry a form field.

    Who describes such a service names an address that takes a form with nothing else
    in it: what would be harmful to send does not belong there, whatever the method.
    """
    if service.param_type == "body":
        return auth.Outgoing(method="POST", url=url, headers=_FORM, body=b"")
    return auth.Outgoing(method="GET", url=url, headers={})


def _refuse_unlisted_host(service: Service, url: str) -> None:
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
    if not any(host_matches(pattern, host, port) for pattern in service.api_hosts):
        raise HostNotAllowed(
            f"{service.name} may only be used with {', '.join(service.api_hosts)}, "
            f"not {host}. Nothing was sent"
        )
